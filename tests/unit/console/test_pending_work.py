"""What counts as left."""

from services.console.actions.pending_work import counted

NONE = {"images": 0, "decision": 0}


def test_a_picture_that_an_article_waits_for_is_left():
    found = counted({"images.fetch": 1}, {"images": 1})
    assert str(found) == "1 records for images.fetch, 1 articles waiting for images"


def test_a_parked_picture_that_is_asked_for_once_more_is_not():
    assert counted({"images.fetch": 1}, NONE).nothing


def test_all_other_records_are():
    assert not counted({"images.fetch": 0, "publishing": 1}, NONE).nothing
