"""How rejected records are kept and announced, from events that are built by hand."""

from dataclasses import replace

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.checks.rejected_checks import RejectedRecords
from shared.broker.records import Event, Record
from shared.events.rejections import build_rejection, build_undelivered
from shared.events.topics import PUBLISHED_LOG, REJECTED
from shared.store import Cause
from tests.unit.audit.drops import CAUSE, NOW, drop, promises


def test_a_rejected_record_that_was_not_announced():
    rejected, _ = build_rejection(drop(), "ingest", [CAUSE], NOW)
    records = RejectedRecords()
    records.add_stored(rejected)
    assert promises(records.check_announced(rejected, "c")) == [Promise.REJECTED]
    assert promises(records.check_announced(rejected, "another cluster")) == []


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("open", [Promise.ANNOUNCED]),
        ("redriven", [Promise.ANNOUNCED]),
        ("resolved", []),
        ("dismissed", []),
    ],
)
def test_an_event_that_kafka_refused_is_a_breach_until_somebody_dealt_with_it(state, found):
    event = Event(PUBLISHED_LOG, b"a1", b"x", (("ce_id", b"a1.3"),))
    cause = Cause("", None, "publishing cannot send this: 1,000,001 bytes")
    kept = build_undelivered(event, "publishing", cause, NOW)
    records = RejectedRecords()
    records.add_stored(replace(kept, state=state))
    assert promises(records.breaches) == found
    if found:
        (breach,) = records.breaches
        assert breach.article_id == "a1"
        assert "1,000,001 bytes (kept as undelivered/published.log/a1.3)" in breach.sentence
    assert promises(records.check_announced(kept, "c")) == []


def test_a_record_that_no_service_rejected():
    records = RejectedRecords()
    records.add_announced(Record("c", REJECTED, 0, 0, NOW, None, b"x", ()))
    records.add_announced(
        Record("c", REJECTED, 0, 1, NOW, None, b"x", (("seedwire-record", b"\xff"),))
    )
    assert promises(records.breaches) == [Promise.OURS, Promise.REJECTED]
