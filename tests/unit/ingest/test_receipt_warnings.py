"""What the receipt of an accepted drop warns of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.article import read_seed, warn_of_near_names
from shared.article.errors import MAX_ERRORS
from tests.real_data import load_azure_seeds, load_real_seeds
from tests.unit.ingest.ingest_trial import NOW, IngestTrial, write_seed


def write_dated_seed(date: str) -> bytes:
    return write_seed(webUrl="paper.example/a").replace(b"2026-03-02T10:00:00Z", date.encode())


async def test_faults_of_hints_are_listed_beside_the_errors(ingest: IngestTrial):
    hints = "heat: hot\nrelated:\n  - images:\n      - url: 'https://a .example/1.jpg'"
    (receipt,) = await ingest.drop(write_seed(more=hints, webUrl="paper.example/a"))
    assert (receipt["status"], receipt["errors"]) == ("accepted", [])
    places = [(warning["field"], warning["line"]) for warning in receipt["warnings"]]
    assert places == [("heat", 5), ("related[0].images[0].url", 8)]


@pytest.mark.parametrize("date", ["1989-12-31T23:59:59Z", "0204-01-01T00:00:00Z"])
async def test_a_date_before_the_web_is_accepted_with_a_warning(ingest: IngestTrial, date: str):
    (receipt,) = await ingest.drop(write_dated_seed(date))
    (warning,) = receipt["warnings"]
    assert (receipt["status"], warning["field"], warning["line"]) == (
        "accepted",
        "publishedDateTime",
        3,
    )
    assert f"since 1990, found {date}" in warning["message"]


@pytest.mark.parametrize(
    ("ahead", "count"), [(timedelta(days=2), 0), (timedelta(days=2, seconds=1), 1)]
)
async def test_a_date_more_than_two_days_ahead_is_accepted_with_a_warning(
    ingest: IngestTrial, ahead: timedelta, count: int
):
    (receipt,) = await ingest.drop(write_dated_seed((NOW + ahead).isoformat()))
    assert (receipt["status"], len(receipt["warnings"])) == ("accepted", count)


async def test_a_record_without_a_time_has_no_future(ingest: IngestTrial):
    missing = datetime(1970, 1, 1, tzinfo=UTC)
    record = ingest.make_record(write_dated_seed("2026-03-02T10:00:00Z"), at=missing)
    (receipt,) = await ingest.handle(record)
    assert receipt["warnings"] == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("qualty", "quality"),
        ("Quality", "quality"),
        ("QUALITY", "quality"),
        ("secure", "secured"),
        ("Featured_Content", "featuredContent"),
        ("ampWebURL", "ampWebUrl"),
    ],
)
async def test_a_misspelt_optional_field_is_kept_with_a_warning(
    ingest: IngestTrial, written: str, name: str
):
    seed = write_seed(more=f"{written}: 90", webUrl="paper.example/a")
    (receipt,) = await ingest.drop(seed)
    assert receipt["status"] == "accepted"
    message = (
        f"Expected a field of a seed, found `{written}`. Did you mean `{name}`? "
        "It is kept, and means nothing to Seedwire."
    )
    assert receipt["warnings"] == [{"field": written, "line": 5, "message": message}]
    (article,) = (await ingest.load_articles()).values()
    assert article.article.model_extra == {written: 90}


@pytest.mark.parametrize(
    "more",
    [
        "qualty: 90\nquality: 80",
        "ampWebURL: 90\nampWebUrl: https://paper.example/amp/a",
        "created: 2021-08-05",
        "publishedAt: 2021-08-05",
        "publisher: The Paper",
        "mood: blue",
        "q" * 100 + ": 1",
        "___: 1",
    ],
)
async def test_other_unknown_fields_need_no_warning(ingest: IngestTrial, more: str):
    (receipt,) = await ingest.drop(write_seed(more=more, webUrl="paper.example/a"))
    assert (receipt["status"], receipt["warnings"]) == ("accepted", [])


async def test_an_empty_field_is_absent_and_its_misspelt_name_is_warned_of(ingest: IngestTrial):
    seed = write_seed(more="quality:\nqualty: 90", webUrl="paper.example/a")
    (receipt,) = await ingest.drop(seed)
    assert [warning["field"] for warning in receipt["warnings"]] == ["qualty"]


async def test_of_many_misspelt_fields_the_first_are_named(ingest: IngestTrial):
    names = [f"qual{letter}ity: 1" for letter in "abcdefghjkmnopqrstuvwxyz"]
    (receipt,) = await ingest.drop(write_seed(more="\n".join(names), webUrl="paper.example/a"))
    assert len(receipt["warnings"]) == MAX_ERRORS + 1


def test_no_real_seed_has_a_nearly_right_name():
    for seeds in (load_real_seeds(), load_azure_seeds()):
        for name, content in seeds.items():
            assert warn_of_near_names(read_seed(content)) == (), name


def nest(value: Any, levels: int) -> str:
    return "{a: " * levels + str(value) + "}" * levels


@pytest.mark.parametrize(
    "more",
    [
        f"chart: {nest([1] * 3_000, 29)}",
        'excerpt: "' + "\\u2028" * 100_000 + '"',
        "excerpt: '" + '"' * 400_000 + "'",
        'mood: "' + "\\x07" * 60_000 + '"',
        "topics: [" + "a," * 100_000 + "a]",
    ],
    ids=["lists", "separators", "quotes", "controls", "topics"],
)
async def test_what_grows_when_it_is_stored_is_readable_or_refused_with_limit_and_size(
    ingest: IngestTrial, more: str
):
    seed = write_seed(more=more, webUrl="paper.example/a")
    (receipt,) = await ingest.drop(seed)
    if receipt["status"] == "rejected":
        (error,) = receipt["errors"]
        assert "at most" in error["message"]
        assert "bytes" in error["message"]
        return
    assert receipt["status"] == "accepted"
    (article,) = (await ingest.load_articles()).values()
    assert article.article.title == "Rain"
    (again,) = await ingest.drop(article.seed)
    assert again["status"] == "unchanged"
