"""A decision put back from the log: what was shown stays shown, under the same revision."""

import pytest

from services.console.audit.restore_decision import restored
from services.publishing.revisions import verdict
from services.publishing.rules import Rules
from shared.article_view import Known
from shared.broker.records import Record
from shared.events.catalogue import publication
from tests.unit.publishing.memory import NOW, article


def event(item) -> Record:
    log, _ = publication(item)
    return Record("c", log.topic, 0, 0, NOW, log.key, log.value, log.headers)


def decided(quality, before=None):
    known = Known(article("a", quality, pending=frozenset()), decision=before)
    return verdict(known, Rules(), NOW).decision


@pytest.mark.parametrize("quality", [80, 20])
def test_it_tells_what_the_lost_one_told(quality: int):
    lost = decided(quality, decided(90))
    back = restored(event(lost.latest), lost.version)
    told = (
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
    assert {name: getattr(back, name) for name in told} == {
        name: getattr(lost, name) for name in told
    }


def test_deciding_anew_tells_consumers_nothing_that_they_know():
    lost = decided(80)
    back = restored(event(lost.latest), lost.version)
    fresh = verdict(Known(article("a", 80, pending=frozenset()), decision=back), Rules(), NOW)
    assert (fresh.publication, fresh.decision.stamp, fresh.decision.inputs) == (
        None,
        2,
        lost.inputs,
    )


def test_deciding_anew_goes_on_with_the_next_revision():
    back = restored(event(decided(80).latest), 1)
    fresh = verdict(Known(article("a", 81, pending=frozenset()), decision=back), Rules(), NOW)
    assert (fresh.publication.revision, fresh.publication.kind) == (2, "updated")
