"""What counts as pending."""

from services.console.actions.operations.pending_work import (
    LINKING,
    PendingWork,
    exclude_repeated_fetches,
    find_pending_work,
)

NOTHING = {"images": 0, "decision": 0}


def test_a_fetch_that_an_article_waits_for_is_pending():
    pending = exclude_repeated_fetches({"images.fetch": 1}, {"images": 1})
    assert str(pending) == "1 record for images.fetch, 1 article waiting for images"


def test_a_parked_fetch_that_is_repeated_is_not():
    assert exclude_repeated_fetches({"images.fetch": 1}, NOTHING).is_empty


def test_all_other_records_are():
    assert not exclude_repeated_fetches({"images.fetch": 0, "publishing": 1}, NOTHING).is_empty


async def test_what_was_sent_while_the_store_was_counted_is_pending():
    """Publishing woke relatives: their events came after the first look at the topics."""
    lags = iter([{"publishing": 0}, {"publishing": 36}])

    async def measure_lags():
        return next(lags)

    async def count_waiting():
        return NOTHING

    pending = await find_pending_work(measure_lags, count_waiting)
    assert str(pending) == "36 records for publishing"


def test_people_read_words_instead_of_the_keys_of_json_output():
    assert str(PendingWork({}, {LINKING: 2})) == "2 articles waiting for linking"
