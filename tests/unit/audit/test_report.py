"""What a report concludes, and how it is printed."""

import json

from services.console.audit.breaches import (
    Breach,
    Place,
    Promise,
    Report,
    sort_breaches,
    store_place,
)
from services.console.audit.repairs.repair_actions import WakePublishing

BREACH = Breach(
    Promise.GAPLESS, "a", "revision 2 is missing", Place("", "published.log", 3, 7), title="Title"
)
PENDING = Breach(
    Promise.DECIDED,
    "b",
    "it waits",
    store_place("articles"),
    WakePublishing("b", "b.v1"),
    pending=True,
)


def test_a_breach_always_fails_and_pending_work_fails_unless_services_run():
    for report, at_rest, at_work in (
        (Report(), True, True),
        (Report((PENDING,)), False, True),
        (Report((BREACH, PENDING)), False, False),
    ):
        assert (report.is_clean(), report.is_clean(while_running=True)) == (at_rest, at_work)


def test_breaches_come_first_and_each_once():
    assert sort_breaches([PENDING, BREACH, PENDING]) == (BREACH, PENDING)


def test_a_breach_is_a_json_object():
    assert json.loads(json.dumps(BREACH.as_json())) == {
        "class": "breach",
        "promise": "revisions-without-gaps",
        "articleId": "a",
        "storyId": None,
        "title": "Title",
        "sentence": "revision 2 is missing",
        "where": {"topic": "published.log", "partition": 3, "offset": 7},
        "repair": None,
    }
    assert PENDING.as_json()["where"] == {"store": "articles"}
    assert PENDING.as_json()["repair"] == "wake publishing for it"


def test_the_summary_has_counts():
    summary = Report((BREACH, PENDING), articles=2, events=5).as_json()
    assert (summary["breaches"], summary["pending"]) == (1, 1)
    assert summary["byPromise"] == {"revisions-without-gaps": 1}
    assert (
        str(Report((BREACH, PENDING), articles=2, events=5))
        == "2 articles, 5 events, 1 breach, 1 pending"
    )
