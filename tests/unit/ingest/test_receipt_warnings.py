"""What the receipt of an accepted drop warns of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
