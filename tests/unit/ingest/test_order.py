"""Versions of one article that come in another order than they were dropped in."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ingest.drop_outcome import MIN_REMEMBERED
from tests.unit.ingest.ingest_trial import NOW, IngestTrial, list_statuses, write_seed

EARLY = NOW - timedelta(hours=2)
LATE = NOW - timedelta(hours=1)


def version(number: int, url: str = "paper.example/a") -> bytes:
    return write_seed(f"Dock strike, day {number}", webUrl="paper.example/a", originalUrl=url)


async def test_the_older_of_two_versions_is_outdated_and_changes_nothing(ingest: IngestTrial):
    newer = ingest.make_record(version(2, "agency.example/1"), 0, LATE)
    older = ingest.make_record(version(1, "agency.example/2"), 1, EARLY)
    await ingest.handle(newer)
    (before,) = (await ingest.load_articles()).values()
    (receipt,) = await ingest.handle(older)
    assert (receipt["status"], receipt["articleId"]) == ("outdated", before.id)
    (after,) = (await ingest.load_articles()).values()
    assert (after.seed, after.version) == (before.seed, before.version)
    assert after.changed_at == before.changed_at
    assert set(after.aliases) > set(before.aliases)  # the URLs are its own all the same


async def test_both_are_answered_alike_when_they_are_delivered_again(ingest: IngestTrial):
    newer = ingest.make_record(version(2), 0, LATE)
    older = ingest.make_record(version(1), 1, EARLY)
    newest = ingest.make_record(version(3), 1, NOW)
    first = await ingest.handle(newer, older, newest)
    assert list_statuses(first) == ["accepted", "outdated", "updated"]
    for records in ([newer], [older], [newest], [older, newest], [newest, newer]):
        again = await ingest.handle(*records)
        assert all(receipt in first for receipt in again)


async def test_of_equal_times_the_version_that_is_read_later_wins(ingest: IngestTrial):
    records = [ingest.make_record(version(number), at=LATE) for number in (1, 2)]
    assert list_statuses(await ingest.handle(*records)) == ["accepted", "updated"]


@pytest.mark.parametrize("forged", [NOW + timedelta(days=365), datetime(9999, 12, 31, tzinfo=UTC)])
async def test_a_time_in_the_future_outdates_nothing_that_follows(
    ingest: IngestTrial, forged: datetime
):
    await ingest.handle(ingest.make_record(version(1), at=forged))
    (receipt,) = await ingest.handle(ingest.make_record(version(2), at=NOW))
    assert receipt["status"] == "updated"


async def test_a_time_in_the_future_does_not_outdate_what_was_waiting_behind_it(
    ingest: IngestTrial,
):
    forged = ingest.make_record(version(1), at=NOW + timedelta(days=365))
    behind = ingest.make_record(version(2), at=LATE)
    elsewhere = ingest.make_record(version(3), 1, EARLY)
    receipts = await ingest.handle(forged, behind, elsewhere)
    assert list_statuses(receipts) == ["accepted", "updated", "outdated"]


async def test_a_record_without_a_time_was_sent_just_now(ingest: IngestTrial):
    await ingest.handle(ingest.make_record(version(1), at=LATE))
    missing = datetime(1970, 1, 1, tzinfo=UTC)
    (receipt,) = await ingest.handle(ingest.make_record(version(2), at=missing))
    assert receipt["status"] == "updated"


async def test_an_older_drop_of_the_same_content_leaves_the_volatile_fields(ingest: IngestTrial):
    await ingest.handle(ingest.make_record(write_seed(more="secured: new", webUrl="a.example/1")))
    seed = write_seed(more="secured: old", webUrl="a.example/1")
    (receipt,) = await ingest.handle(ingest.make_record(seed, at=EARLY))
    assert receipt["status"] == "unchanged"
    (article,) = (await ingest.load_articles()).values()
    assert article.article.secured == "new"


async def test_the_time_of_the_present_version_outlasts_the_drops_that_are_remembered(
    ingest: IngestTrial,
):
    await ingest.handle(ingest.make_record(version(2), at=LATE))
    for number in range(MIN_REMEMBERED + 5):
        url = f"agency.example/{number}"
        (receipt,) = await ingest.handle(ingest.make_record(version(2, url), at=NOW))
        assert receipt["status"] in ("updated", "duplicate")
    (receipt,) = await ingest.handle(ingest.make_record(version(1), 1, EARLY))
    assert receipt["status"] == "outdated"
