"""What counts as pending."""

from services.console.actions.pending_work import LINKING, PendingWork, exclude_repeated_fetches

NOTHING = {"images": 0, "decision": 0}


def test_a_fetch_that_an_article_waits_for_is_pending():
    pending = exclude_repeated_fetches({"images.fetch": 1}, {"images": 1})
    assert str(pending) == "1 records for images.fetch, 1 articles waiting for images"


def test_a_parked_fetch_that_is_repeated_is_not():
    assert exclude_repeated_fetches({"images.fetch": 1}, NOTHING).is_empty


def test_all_other_records_are():
    assert not exclude_repeated_fetches({"images.fetch": 0, "publishing": 1}, NOTHING).is_empty


def test_people_read_words_instead_of_the_keys_of_json_output():
    assert str(PendingWork({}, {LINKING: 2})) == "2 articles waiting for linking"
