"""Rejected records: kept whole, announced in an event that always fits."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.broker.records import Event, Headers, Record
from shared.budgets import MAX_EVENT_BYTES, MAX_REJECTED_RECORD_BYTES
from shared.errors import UnprocessableRecord
from shared.events.cloud_event import find_trace
from shared.events.rejected_parts import fit_rejected
from shared.events.rejections import (
    build_rejection,
    build_rejection_event,
    build_undelivered,
    keep_rejected,
)
from shared.store import Cause, RejectedRecord
from shared.store.ports.operations.rejected import RedriveOrigin

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CAUSE = Cause("title", 2, "expected a title")
WORST_CAUSES = [Cause("\0" * 5_000, 7, "\0" * 50_000)] * 100
ALL_CONTROL_CHARACTERS = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0), 0x202E]))


def make_record(
    key: bytes | None = b"k", value: bytes | None = b"v", headers: Headers = ()
) -> Record:
    return Record("cluster", "seeds", 0, 7, NOW, key, value, headers)


def reject(record: Record, causes: Any = (CAUSE,)) -> tuple[RejectedRecord, Event]:
    return build_rejection(record, "ingest", causes, NOW)


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def test_a_record_that_fits_is_announced_byte_for_byte():
    record = make_record(b"\xff", b"\xfe\x00", (("x", b"\xfd"), ("x", None), ("", b"")))
    rejected, event = reject(record)
    assert (rejected.key, rejected.value, rejected.headers) == (
        b"\xff",
        b"\xfe\x00",
        record.headers,
    )
    assert (event.key, event.value) == (b"\xff", b"\xfe\x00")
    *_, record_id, service, causes, first, second, third = event.headers
    assert (first, second, third) == (
        ("original-x", b"\xfd"),
        ("original-x", None),
        ("original-", b""),
    )
    assert record_id == ("seedwire-record", b"cluster/seeds/0/7")
    assert service == ("seedwire-service", b"ingest")
    assert json.loads(causes[1] or b"") == [
        {"field": "title", "line": 2, "message": "expected a title"}
    ]


def test_a_rejection_is_a_cloud_event_whatever_headers_the_record_brings():
    forged = (("ce_id", b"forged"), ("content-type", b"text/plain"), ("seedwire-record", b"x"))
    _, event = reject(make_record(headers=forged))
    names = [name for name, _ in event.headers]
    assert len({*names}) == len(names)
    found = dict(event.headers)
    assert found["ce_id"] == b"rejected.cluster/seeds/0/7"
    assert found["ce_type"] == b"io.seedwire.record.rejected.v1"
    assert found["ce_subject"] == b"seeds/0/7"
    assert found["ce_time"] == b"2026-03-02T00:00:00Z"
    assert found["content-type"] == b"application/octet-stream"
    assert "ce_dataschema" not in found
    assert found["original-ce_id"] == b"forged"


def test_a_rejection_continues_the_trace_of_the_record_or_begins_one():
    given = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    _, event = reject(make_record(headers=(("traceparent", given), ("tracestate", b"a=b"))))
    found = dict(event.headers)
    assert (found["traceparent"], found["tracestate"]) == (given, b"a=b")
    _, event = reject(make_record(headers=(("traceparent", b"nonsense"), ("tracestate", b"a=b"))))
    begun = dict(event.headers)
    assert begun["traceparent"] == find_trace(make_record()).traceparent.encode()
    assert "tracestate" not in begun


def test_a_record_without_key_and_value_gets_an_empty_value_since_kafka_wants_one():
    assert reject(make_record(None, None))[1].value == b""


@pytest.mark.parametrize(
    "record",
    [
        make_record(value=b"\0" * (3 * 2**20)),
        make_record(value=b"---\n" + b"a" * (40 << 20)),
        make_record(key=b"k" * 1_400_000),
        make_record(key="ä".encode() * 700_000, value=None),
        make_record(headers=(("path", b"\x01" * 400_000),)),
        make_record(headers=(("path", b"p" * 1_400_000),)),
        make_record(headers=(("p" * 1_400_000, None),)),
        make_record(headers=tuple((f"h{number}", b"") for number in range(200_000))),
        make_record(
            b"k" * 500_000,
            b"v" * 500_000,
            tuple((ALL_CONTROL_CHARACTERS, b"\0" * 9) for _ in range(9_999)),
        ),
    ],
    ids=[
        "3 MiB",
        "40 MiB",
        "key",
        "utf-8 key",
        "control characters",
        "path",
        "name",
        "many",
        "all",
    ],
)
def test_a_record_of_any_size_is_kept_whole_and_announced_by_a_cut(record: Record):
    rejected, event = reject(record, WORST_CAUSES)
    assert (rejected.key, rejected.value) == (record.key, record.value)
    assert rejected.headers == record.headers
    assert event.size <= MAX_EVENT_BYTES
    assert (record.key or b"").startswith(event.key or b"")
    assert (record.value or b"").startswith(event.value or b"")
    assert event == build_rejection_event(rejected)  # an audit and a repeat make the same


def test_the_event_says_how_long_what_it_cuts_was_and_its_digest():
    key, value = b"k" * 1_400_000, b"v" * 2_000_000
    headers: Headers = (("path", b"p" * 200_000), ("other", None))
    _, event = reject(make_record(key, value, headers))
    found = dict(event.headers)
    assert found["seedwire-cut-key-length"] == b"1400000"
    assert found["seedwire-cut-key-sha256"] == sha256(key)
    assert found["seedwire-cut-value-length"] == b"2000000"
    assert found["seedwire-cut-value-sha256"] == sha256(value)
    assert found["seedwire-cut-headers-count"] == b"2"
    joined = (
        (4).to_bytes(4, "big") + b"path" + (200_000).to_bytes(4, "big") + b"p" * 200_000
        + (5).to_bytes(4, "big") + b"other" + b"\xff" * 4
    )  # fmt: skip
    assert found["seedwire-cut-headers-sha256"] == sha256(joined)


def test_the_limit_is_exact():
    room = MAX_REJECTED_RECORD_BYTES - make_record(value=b"").size
    whole = fit_rejected(b"k", b"v" * room, ())
    assert len(whole.value or b"") == room
    assert whole.headers == ()
    cut = fit_rejected(b"k", b"v" * (room + 1), ())
    assert dict(cut.headers)["seedwire-cut-value-length"] == b"%d" % (room + 1)


@settings(max_examples=50)
@given(
    key=st.none() | st.binary(max_size=40),
    value=st.none() | st.binary(max_size=40),
    headers=st.lists(st.tuples(st.text(max_size=5), st.none() | st.binary(max_size=5)), max_size=4),
    factors=st.tuples(*[st.sampled_from([1, 1_000, 30_000])] * 3),
)
def test_every_record_that_kafka_takes_has_an_event_that_kafka_takes(
    key: bytes | None, value: bytes | None, headers: Any, factors: tuple[int, int, int]
):
    large_headers = tuple((name, part and part * factors[0]) for name, part in headers)
    record = make_record(key and key * factors[1], value and value * factors[2], large_headers)
    rejected, event = reject(record, WORST_CAUSES)
    assert event.size <= MAX_EVENT_BYTES
    assert event.key is not None or event.value is not None
    assert rejected.value == record.value


def test_half_characters_in_a_cause_do_not_break_its_event():
    rejected, event = reject(make_record(), [Cause("\ud800", None, "\udfff is no character")])
    assert json.loads(dict(event.headers)["seedwire-causes"] or b"") == [
        {"field": "?", "message": "? is no character"}
    ]
    assert rejected.causes[0].field == "?"


def test_many_causes_are_counted():
    _, event = reject(make_record(), [CAUSE] * 100)
    causes = json.loads(dict(event.headers)["seedwire-causes"] or b"")
    assert len(causes) == 25
    assert causes[-1]["message"] == "76 more faults are not listed."


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ((("seedwire-record", b"c/seeds/0/1"), ("seedwire-attempt", b"2")), ("c/seeds/0/1", 2)),
        ((("seedwire-record", b"c/seeds/0/1"), ("seedwire-attempt", b"99999")), None),
        ((("seedwire-record", b"c/seeds/0/1"), ("seedwire-attempt", b"-1")), None),
        ((("seedwire-attempt", b"2"),), None),
    ],
)
def test_a_redriven_record_says_which_attempt_it_is(
    headers: Headers, origin: tuple[str, int] | None
):
    rejected, _ = reject(make_record(headers=headers))
    assert rejected.origin == (origin and RedriveOrigin(*origin))


def test_an_undelivered_event_is_kept_so_that_it_can_be_sent_as_it_is():
    event = Event("published.log", b"a", b"data", (("ce_id", b"a.3"), ("x", None)))
    kept = build_undelivered(event, "publishing", CAUSE, NOW)
    assert kept.id == "undelivered/published.log/a.3"
    assert (kept.key, kept.value, kept.headers) == (event.key, event.value, event.headers)
    assert (kept.service, kept.topic, kept.offset) == ("publishing", "published.log", -1)
    nameless = build_undelivered(Event("t", b"a", b"data"), "publishing", CAUSE, NOW)
    assert nameless.id == f"undelivered/t/{hashlib.sha256(b'data').hexdigest()}"


class SmallStore:
    """Refuses what is larger than 1,000,000 bytes, as MongoDB does at 16 MiB."""

    def __init__(self) -> None:
        self.kept: list[RejectedRecord] = []
        self.rejected = self

    async def save(self, records: Any) -> None:
        if any(record.size > 1_000_000 for record in records):
            raise UnprocessableRecord("the document is too large")
        self.kept += records


async def test_what_the_store_refuses_is_kept_as_a_cut_and_says_so():
    small, _ = reject(make_record())
    large, _ = reject(make_record(value=b"v" * 2_000_000))
    store: Any = SmallStore()
    await keep_rejected([small, large], store)
    assert store.kept[0] == small
    cut = store.kept[1]
    assert (cut.id, len(cut.value)) == (large.id, 681_808)
    assert cut.causes[0] == CAUSE
    assert "the store keeps only this cut" in cut.causes[1].message
