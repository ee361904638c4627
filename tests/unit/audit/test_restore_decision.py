"""A decision restored from the log: consumers keep what they see, under the same revision."""

import pytest

from services.console.audit.repairs.restore_decision import rebuild_decision
from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.broker.records import Record
from shared.events.published_events import build_published_events
from shared.views.article_snapshot import ArticleSnapshot
from tests.unit.publishing.memory_store import NOW, make_article


def event(item) -> Record:
    _, log = build_published_events(item)
    return Record("c", log.topic, 0, 0, NOW, log.key, log.value, log.headers)


def decide(quality, before=None):
    known = ArticleSnapshot(make_article("a", quality, pending=frozenset()), decision=before)
    return plan_decision_write(known, Rules(), NOW).decision


@pytest.mark.parametrize("quality", [80, 20])
def test_it_equals_the_lost_decision_in_what_consumers_see(quality: int):
    lost = decide(quality, decide(90))
    restored = rebuild_decision(event(lost.latest), lost.version)
    names = (
        "article_id",
        "version",
        "revision",
        "published",
        "lead",
        "reason",
        "shown",
        "latest",
        "decided_at",
    )
    assert {name: getattr(restored, name) for name in names} == {
        name: getattr(lost, name) for name in names
    }


def test_deciding_again_announces_nothing_that_consumers_know():
    lost = decide(80)
    restored = rebuild_decision(event(lost.latest), lost.version)
    fresh = plan_decision_write(
        ArticleSnapshot(make_article("a", 80, pending=frozenset()), decision=restored), Rules(), NOW
    )
    assert (fresh.revision, fresh.decision.stamp, fresh.decision.inputs) == (
        None,
        2,
        lost.inputs,
    )


def test_deciding_again_continues_with_the_next_revision():
    restored = rebuild_decision(event(decide(80).latest), 1)
    fresh = plan_decision_write(
        ArticleSnapshot(make_article("a", 81, pending=frozenset()), decision=restored), Rules(), NOW
    )
    assert (fresh.revision.number, fresh.revision.kind) == (2, "updated")
