"""When the drop of a published article came."""

from datetime import UTC, datetime, timedelta

import pytest

from services.publishing.announcing.drop_times import estimate_drop_time, find_drop_times
from shared.store import AnsweredDrop, Decision, DecisionWrite, Revision, StoredArticle

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_article(*drops):
    return StoredArticle("a", b"", 1, (), NOW, NOW, answered_drops=drops)


def make_drop(stamp, is_time_assumed=False):
    return AnsweredDrop("c/0", 7, "accepted", int(stamp.timestamp() * 1000), is_time_assumed)


def make_write(stamp=1, revision=True):
    decision = Decision("a", stamp, 1, 1, True, 90, "a", "", {}, {}, NOW)
    saved = Revision("a", 1, "published", NOW, b"{}") if revision else None
    return DecisionWrite(decision, 0, saved)


def test_it_is_the_time_stamp_of_the_latest_drop():
    earlier = make_drop(NOW - timedelta(minutes=5))
    latest = make_drop(NOW - timedelta(minutes=1))
    assert estimate_drop_time(make_article(earlier, latest)) == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    "drops",
    [
        (),
        (make_drop(datetime(1970, 1, 1, tzinfo=UTC)),),
        (make_drop(datetime(9999, 1, 1, tzinfo=UTC)),),
        (make_drop(NOW - timedelta(minutes=1), is_time_assumed=True),),
    ],
)
def test_a_time_stamp_that_cannot_be_believed_is_replaced_by_the_time_of_ingest(drops):
    assert estimate_drop_time(make_article(*drops)) == NOW


def test_only_articles_whose_first_decision_publishes_them_count():
    article = make_article()
    assert find_drop_times([article], [make_write()]) == {"a": NOW}
    assert find_drop_times([article], [make_write(stamp=2)]) == {}
    assert find_drop_times([article], [make_write(revision=False)]) == {}
    assert find_drop_times([article], []) == {}
