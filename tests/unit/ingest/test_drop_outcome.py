"""What a seed does to the article it belongs to."""

from datetime import UTC, datetime, timedelta

from services.ingest.drop_outcome import REMEMBERED, accept, remembering, take
from services.ingest.seed_record import Refusal, Seed, read
from shared.broker.records import Record
from shared.store import StoredArticle

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def raw(
    title: str = "Dock strike",
    secured: str = "YQ==;Yg==",
    url: str = "https://paper.example/a",
    more: str = "",
) -> bytes:
    return (
        f'---\ntitle: "{title}"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "{url}"\n'
        f'{more}secured: "{secured}"\n---\n'
    ).encode()


def drop(value: bytes | None, offset: int = 0, cluster: str = "c") -> Seed:
    read_drop = read(Record(cluster, "seeds", 0, offset, NOW, None, value))
    assert isinstance(read_drop, Seed), read_drop
    return read_drop


def first() -> StoredArticle:
    return accept("a1", drop(raw(), 5), NOW)


def test_a_first_seed_is_version_1_and_waits_to_be_announced():
    article = first()
    assert article.version == 1
    assert "announcement" in article.pending
    assert article.positions == {"c/0": 5}


def test_a_substantive_change_is_a_new_version():
    new, status = take(first(), drop(raw("Dock strike over"), 6), LATER)
    assert (status, new.version, new.changed_at) == ("updated", 2, LATER)
    assert new.article.title == "Dock strike over"


def test_a_volatile_change_is_unchanged_but_carried():
    old = first()
    new, status = take(old, drop(raw(secured="bmV3;aXY="), 6), LATER)
    assert (status, new.version) == ("unchanged", 1)
    assert new.article.secured == "bmV3;aXY="


def test_the_same_bytes_change_nothing_at_all():
    old = first()
    new, status = take(old, drop(raw(), 6), LATER)
    assert status == "unchanged"
    assert new is old


def test_a_replayed_drop_is_answered_as_it_was_and_changes_nothing():
    old = first()
    updated, _ = take(old, drop(raw("Dock strike over"), 6), LATER)
    again, status = take(updated, drop(raw(), 5), LATER)
    assert status == "accepted"
    assert again is updated
    again, status = take(updated, drop(raw("Dock strike over"), 6), LATER)
    assert (status, again) == ("updated", updated)


def test_of_a_large_batch_every_drop_is_remembered_and_of_many_small_ones_the_latest():
    article = first()
    for offset in range(6, 6 + 3 * REMEMBERED):
        article, _ = take(article, drop(raw(f"Dock strike, day {offset}"), offset), LATER)
    assert remembering(article, 2 * REMEMBERED).taken == article.taken[-2 * REMEMBERED :]
    assert remembering(article, 1).taken == article.taken[-REMEMBERED:]


def test_positions_of_a_cluster_that_is_gone_mean_nothing():
    new, status = take(first(), drop(raw("Dock strike over"), 0, cluster="new"), LATER)
    assert status == "updated"
    assert new.positions == {"new/0": 0}


def test_the_same_story_under_another_address_is_a_duplicate_and_its_alias_is_learned():
    old = first()
    new, status = take(old, drop(raw(url="https://paper.example/a-moved"), 6), LATER)
    assert (status, new.version) == ("duplicate", 1)
    assert set(new.aliases) > set(old.aliases)
    assert new.article.web_url == old.article.web_url


def test_a_tombstone_is_refused_with_a_sentence():
    refusal = read(Record("c", "seeds", 0, 0, NOW, None, None))
    assert isinstance(refusal, Refusal)
    assert "tombstone" in refusal.causes[0].message
