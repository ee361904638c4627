"""The envelope of events: CloudEvents 1.0 in Kafka's binary mode."""

from datetime import UTC, datetime

import pytest

from shared.broker.records import Event, Record
from shared.events.cloud_event import (
    build_cloud_event,
    build_source_headers,
    find_trace,
    parse_kind,
    read_kind,
    read_trace,
)
from shared.events.published_events import build_published_events
from shared.store import Revision
from shared.trace_context import TraceContext, begin_trace

NOW = datetime(2026, 3, 2, 12, 30, 0, 123_000, tzinfo=UTC)
TRACE = TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b")


def headers_of(event: Event) -> dict[str, str]:
    assert len({name for name, _ in event.headers}) == len(event.headers)
    return {name: (value or b"").decode() for name, value in event.headers}


def revision(kind: str, number: int = 2) -> Revision:
    return Revision("a1", number, kind, NOW, b'{"id": "a1"}', TRACE)  # type: ignore[arg-type]


def test_the_attributes_are_headers():
    state, log = build_published_events(revision("updated"))
    assert headers_of(log) == {
        "ce_specversion": "1.0",
        "ce_id": "a1.2",
        "ce_type": "io.seedwire.article.updated.v1",
        "ce_subject": "a1",
        "ce_time": "2026-03-02T12:30:00.123000Z",
        "ce_dataschema": "https://seedwire.io/schemas/article.updated.v1.json",
        "content-type": "application/json",
        "traceparent": TRACE.traceparent,
        "tracestate": "a=b",
    }
    assert (state.topic, state.key, state.value) == ("published.state", log.key, log.value)
    assert state.headers == log.headers  # one id is one content, in both topics


def test_a_tombstone_is_an_event_of_its_own_without_data():
    tombstone, log = build_published_events(revision("retracted"))
    assert headers_of(log)["ce_id"] == "a1.2"
    assert tombstone.value is None
    assert headers_of(tombstone) == {
        "ce_specversion": "1.0",
        "ce_id": "a1.2.tombstone",
        "ce_type": "io.seedwire.article.removed.v1",
        "ce_subject": "a1",
        "ce_time": "2026-03-02T12:30:00.123000Z",
        "traceparent": TRACE.traceparent,
        "tracestate": "a=b",
    }


@pytest.mark.parametrize("kind", ["published", "updated", "retracted"])
def test_the_state_is_sent_before_the_log(kind: str):
    state, log = build_published_events(revision(kind))
    assert (state.topic, log.topic) == ("published.state", "published.log")
    assert state.phase < log.phase
    assert state.on_ack == log.on_ack


def test_the_source_is_a_header_of_its_own():
    assert build_source_headers("https://news.example/staging") == (
        ("ce_source", b"https://news.example/staging"),
    )


@pytest.mark.parametrize("given", ["", "article.updated", "io.seedwire.x.v2", "com.other.x.v1"])
def test_the_type_of_another_program_has_no_kind(given: str):
    assert parse_kind(given) == ""


def test_the_kind_of_our_events_is_read_back():
    event = build_cloud_event("t", key="a", event_id="a.1", kind="article.updated", data={})
    record = Record("c", "t", 0, 0, NOW, event.key, event.value, event.headers)
    assert read_kind(event) == read_kind(record) == "article.updated"


class TestTheTraceOfADrop:
    def drop(self, *headers: tuple[str, bytes | None]) -> Record:
        return Record("c", "seeds", 0, 7, NOW, None, b"", headers)

    def test_is_the_one_that_its_producer_names(self):
        named = self.drop(
            ("traceparent", TRACE.traceparent.encode()), ("tracestate", TRACE.tracestate.encode())
        )
        assert read_trace(named) == find_trace(named) == TRACE

    @pytest.mark.parametrize("given", [b"", b"\xff", b"nonsense", None])
    def test_begins_with_the_drop_where_none_is_named(self, given: bytes | None):
        drop = self.drop(("traceparent", given), ("tracestate", b"a=b"))
        assert read_trace(drop) is None
        assert find_trace(drop) == begin_trace("c/seeds/0/7")
