"""What a report comes to."""

import json

from services.console.audit.breaches import Breach, Place, Promise, Report, kept_in, ordered
from services.console.audit.repair_actions import Wake

BREACH = Breach(
    Promise.GAPLESS, "a", "revision 2 is missing", Place("", "published.log", 3, 7), title="Title"
)
WAITS = Breach(
    Promise.DECIDED, "b", "it waits", kept_in("articles"), Wake("b", "b.v1"), pending=True
)


def test_a_breach_fails_always_and_pending_work_unless_services_are_at_work():
    for report, at_rest, at_work in (
        (Report(), True, True),
        (Report((WAITS,)), False, True),
        (Report((BREACH, WAITS)), False, False),
    ):
        assert (report.is_clean(), report.is_clean(while_running=True)) == (at_rest, at_work)


def test_findings_stand_once_and_breaches_first():
    assert ordered([WAITS, BREACH, WAITS]) == (BREACH, WAITS)


def test_a_finding_is_an_object_for_scripts():
    assert json.loads(json.dumps(BREACH.as_json())) == {
        "class": "breach",
        "promise": "revisions-without-gaps",
        "articleId": "a",
        "title": "Title",
        "sentence": "revision 2 is missing",
        "where": {"topic": "published.log", "partition": 3, "offset": 7},
        "repair": None,
    }
    assert WAITS.as_json()["where"] == {"store": "articles"}
    assert WAITS.as_json()["repair"] == "wake publishing for it"


def test_the_summary_counts():
    summary = Report((BREACH, WAITS), articles=2, events=5).as_json()
    assert (summary["breaches"], summary["pending"]) == (1, 1)
    assert summary["byPromise"] == {"revisions-without-gaps": 1}
    assert (
        str(Report((BREACH, WAITS), articles=2, events=5))
        == "2 articles, 5 events, 1 breaches, 1 pending"
    )
