"""Receipts: what they say, and that they fit whatever a record holds."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.broker.records import Headers, Record
from shared.budgets import MAX_EVENT_BYTES
from shared.events.acknowledgements import RedriveAnswered
from shared.events.receipt_events import build_seed_receipt
from shared.store import Cause
from shared.store.ports.operations.rejected import RedriveOrigin
from shared.trace_context import begin_trace

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def make_record(key: bytes | None = b"k", headers: Headers = ()) -> Record:
    return Record("c", "seeds", 2, 9, NOW, key, b"v", headers)


def read(record: Record, *arguments: Any, **more: Any) -> dict[str, Any]:
    event = build_seed_receipt(record, *arguments, **more)
    assert event.size <= MAX_EVENT_BYTES
    data: dict[str, Any] = json.loads(event.value or b"")
    return data


def test_a_receipt_is_a_cloud_event_about_the_drop():
    event = build_seed_receipt(make_record(), "accepted", "a1")
    headers = dict(event.headers)
    assert headers["ce_type"] == b"io.seedwire.seed.receipt.v1"
    assert headers["ce_id"] == b"receipt.c/seeds/2/9"
    assert headers["ce_subject"] == b"seeds/2/9"
    assert headers["ce_time"] == b"2026-03-02T00:00:00Z"  # of the drop, for a repeat has it too
    assert headers["traceparent"] == begin_trace("c/seeds/2/9").traceparent.encode()


def test_a_receipt_names_the_drop_its_path_and_what_became_of_it():
    record = make_record(headers=(("path", "a/ä.md".encode()),))
    assert read(record, "accepted", "a1") == {
        "seed": {"topic": "seeds", "partition": 2, "offset": 9},
        "path": "a/ä.md",
        "status": "accepted",
        "articleId": "a1",
        "errors": [],
        "warnings": [],
    }


def test_faults_and_warnings_are_listed_apart():
    fault, warning = Cause("title", 2, "no title"), Cause("related[0].images[0]", 9, "a space")
    data = read(make_record(), "rejected", None, [fault], [warning])
    assert data["errors"] == [{"field": "title", "line": 2, "message": "no title"}]
    assert data["warnings"] == [{"field": "related[0].images[0]", "line": 9, "message": "a space"}]


@pytest.mark.parametrize(("status", "is_answer"), [("accepted", True), ("rejected", False)])
def test_the_receipt_of_a_redriven_seed_answers_the_redrive(status: str, is_answer: bool):
    """A seed that is rejected again is answered where it is kept."""
    headers = (("seedwire-record", b"c/seeds/0/1"), ("seedwire-attempt", b"2"))
    event = build_seed_receipt(make_record(headers=headers), status, None)
    answer = RedriveAnswered(RedriveOrigin("c/seeds/0/1", 2), status)
    assert event.on_ack == (answer if is_answer else None)


def test_the_largest_receipt_fits():
    """Every part at its largest, of the characters that grow most as JSON or as UTF-8."""
    record = make_record(b"\xff" * 1_400_000, (("path", b"\x01" * 1_400_000),))
    causes = [Cause("\0" * 9_999, 2**20, "\v" * 99_999)] * 99
    data = read(record, "rejected", None, causes, causes)
    assert data["path"] == "\x01" * 4_095 + "…"
    assert len(data["errors"]) == len(data["warnings"]) == 25
    event = build_seed_receipt(record, "rejected", None)
    assert event.key == b"\xff" * 8_192
