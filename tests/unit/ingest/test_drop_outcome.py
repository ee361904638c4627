"""What a drop does to its article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.ingest.drop_outcome import (
    MAX_TWINS,
    MIN_REMEMBERED,
    apply_drop,
    create_article,
    trim_drop_history,
)
from services.ingest.seed_record import InvalidDrop, ValidDrop, parse_drop
from shared.article import is_twin
from shared.broker.records import Headers, Record
from shared.store import StoredArticle
from shared.trace_context import TraceContext, begin_trace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def render_seed(
    title: str = "Dock strike",
    secured: str = "YQ==;Yg==",
    url: str = "https://paper.example/a",
    more: str = "",
) -> bytes:
    return (
        f'---\ntitle: "{title}"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "{url}"\n'
        f'{more}secured: "{secured}"\n---\n'
    ).encode()


def make_drop(
    value: bytes, offset: int = 0, cluster: str = "c", headers: Headers = ()
) -> ValidDrop:
    drop = parse_drop(Record(cluster, "seeds", 0, offset, NOW, None, value, headers))
    assert isinstance(drop, ValidDrop), drop
    return drop


def make_first_version() -> StoredArticle:
    return create_article("a1", make_drop(render_seed(), 5), NOW)


def test_a_first_seed_is_version_1_and_waits_to_be_announced():
    article = make_first_version()
    assert article.version == 1
    assert "announcement" in article.pending
    assert article.positions == {"c/0": 5}


def test_a_stored_seed_that_cannot_be_read_is_replaced():
    damaged = replace(make_first_version(), seed=b"---\ntitle: [\n---\n")
    new, status = apply_drop(damaged, make_drop(render_seed(), 6), LATER)
    assert (status, new.version, new.article.title) == ("updated", 2, "Dock strike")


def test_a_substantive_change_is_a_new_version():
    new, status = apply_drop(
        make_first_version(), make_drop(render_seed("Dock strike over"), 6), LATER
    )
    assert (status, new.version, new.changed_at) == ("updated", 2, LATER)
    assert new.article.title == "Dock strike over"


def test_a_version_has_the_trace_of_the_drop_that_gave_it():
    first = make_first_version()
    assert first.trace == begin_trace("c/seeds/0/5")
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = (("traceparent", given.encode()),)
    refreshed, _ = apply_drop(
        first, make_drop(render_seed(secured="bmV3"), 6, headers=headers), NOW
    )
    assert refreshed.trace == first.trace
    drop = make_drop(render_seed("Dock strike over"), 7, headers=headers)
    updated, _ = apply_drop(first, drop, LATER)
    assert updated.trace == TraceContext(given)
    assert apply_drop(updated, drop, LATER)[0].trace == updated.trace


def test_a_volatile_change_is_unchanged_but_kept():
    old = make_first_version()
    new, status = apply_drop(old, make_drop(render_seed(secured="bmV3;aXY="), 6), LATER)
    assert (status, new.version) == ("unchanged", 1)
    assert new.article.secured == "bmV3;aXY="


def test_the_same_bytes_change_nothing_at_all():
    old = make_first_version()
    new, status = apply_drop(old, make_drop(render_seed(), 6), LATER)
    assert status == "unchanged"
    assert new is old


def test_a_redelivered_drop_gets_the_same_answer_and_changes_nothing():
    old = make_first_version()
    updated, _ = apply_drop(old, make_drop(render_seed("Dock strike over"), 6), LATER)
    again, status = apply_drop(updated, make_drop(render_seed(), 5), LATER)
    assert status == "accepted"
    assert again is updated
    again, status = apply_drop(updated, make_drop(render_seed("Dock strike over"), 6), LATER)
    assert (status, again) == ("updated", updated)


def test_of_a_large_batch_every_drop_is_remembered_and_of_many_small_ones_the_latest():
    article = make_first_version()
    for offset in range(6, 6 + 3 * MIN_REMEMBERED):
        article, _ = apply_drop(
            article, make_drop(render_seed(f"Dock strike, day {offset}"), offset), LATER
        )
    drops = article.answered_drops
    of_large_batch = trim_drop_history(article, 2 * MIN_REMEMBERED)
    assert of_large_batch.answered_drops == drops[-2 * MIN_REMEMBERED :]
    assert trim_drop_history(article, 1).answered_drops == drops[-MIN_REMEMBERED:]


def test_positions_in_a_former_cluster_are_forgotten():
    new, status = apply_drop(
        make_first_version(), make_drop(render_seed("Dock strike over"), 0, cluster="new"), LATER
    )
    assert status == "updated"
    assert new.positions == {"new/0": 0}


def test_the_same_article_under_another_url_is_a_duplicate_and_its_alias_is_added():
    old = make_first_version()
    new, status = apply_drop(
        old, make_drop(render_seed(url="https://paper.example/a-moved"), 6), LATER
    )
    assert (status, new.version) == ("duplicate", 1)
    assert set(new.aliases) > set(old.aliases)
    assert new.article.web_url == old.article.web_url


def test_a_tombstone_is_invalid_with_a_sentence():
    invalid = parse_drop(Record("c", "seeds", 0, 0, NOW, None, None))
    assert isinstance(invalid, InvalidDrop)
    assert "tombstone" in invalid.causes[0].message


def test_a_volatile_change_that_is_delivered_again_does_not_undo_a_later_one():
    """To a process that was stopped while another one handled both."""
    first, second = (
        make_drop(render_seed(secured="MQ=="), 6),
        make_drop(render_seed(secured="Mg=="), 7),
    )
    article, _ = apply_drop(make_first_version(), first, NOW)
    article, _ = apply_drop(article, second, NOW)
    assert article.positions == {"c/0": 7}
    again, status = apply_drop(article, first, LATER)
    assert status == "unchanged"
    assert again is article


def test_of_many_texts_the_latest_are_found_by_their_twins():
    article = make_first_version()
    for number in range(MAX_TWINS + 20):
        drop = make_drop(render_seed(f"Text {number}"), 10 + number)
        article, status = apply_drop(article, drop, NOW)
        assert status == "updated"
        assert {*drop.aliases} <= {*article.aliases}
    twins = [alias for alias in article.aliases if is_twin(alias)]
    assert len(twins) == MAX_TWINS
    assert make_first_version().aliases[0] in article.aliases  # its URL
    assert {*make_drop(render_seed("Text 60")).aliases} <= {*article.aliases}
    assert not {*make_drop(render_seed("Text 1")).aliases} <= {*article.aliases}


def test_an_article_whose_id_had_versions_goes_on_from_there():
    article = create_article("a1", make_drop(render_seed()), NOW, version=8)
    assert (
        article.version,
        apply_drop(article, make_drop(render_seed("x"), 9), NOW)[0].version,
    ) == (
        8,
        9,
    )
