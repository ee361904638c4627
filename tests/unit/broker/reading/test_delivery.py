"""Delivery: state, then event, then offset. Bad records and outages lose nothing."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.broker.reading.delivery import BatchHandler, Delivery
from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.broker.reading.progress import MACHINE, Progress
from shared.broker.records import FOLLOW_UP, Acknowledgement, Event, Record
from shared.broker.sending.sender import Refusal
from shared.errors import (
    DependencyRejected,
    KafkaUnavailable,
    ProcessingHalted,
    RulesetChanged,
    SeedwireError,
    SettingsError,
    StoreUnavailable,
    UndeliverableEvent,
    UnexplainedError,
)
from shared.settings import Settings

REJECTED = "rejected"


@dataclass(frozen=True)
class Announced(Acknowledgement):
    article_id: str


@dataclass
class Fakes:
    """Sender and hooks that write down, in one list, what happens to them."""

    happened: list[Any] = field(default_factory=list)
    failing_sends: int = 0
    unexplained: bool = False
    refused: bytes = b""
    repairs: list[list[Event]] = field(default_factory=list)
    topic: str = REJECTED

    async def send(
        self, events: Sequence[Event], *, is_last_attempt: bool = False
    ) -> list[Refusal]:
        if self.failing_sends:
            self.failing_sends -= 1
            raise KafkaUnavailable("gone")
        if self.unexplained and not is_last_attempt:
            raise UnexplainedError("UnknownError")
        taken = [event for event in events if event.value != self.refused]
        self.happened.append(("sent", [(event.topic, event.value) for event in taken]))
        refused = [event for event in events if event.value == self.refused]
        return [Refusal(event, UndeliverableEvent("too large")) for event in refused]

    async def save(self, events: Sequence[Event]) -> None:
        acknowledged = [event.on_ack for event in events if event.on_ack]
        if acknowledged:
            self.happened.append(("acknowledged", acknowledged))

    async def find_repairs(self, events: Sequence[Event]) -> list[Event]:
        return self.repairs.pop(0) if self.repairs else []

    async def keep(self, record: Record, error: Exception) -> Event:
        self.happened.append(("kept", record.offset))
        return Event(REJECTED, record.key, record.value)

    async def keep_event(self, event: Event, error: UndeliverableEvent) -> None:
        self.happened.append(("kept event", event.value, str(error)))


def record(offset: int, value: bytes | None = b"x") -> Record:
    return Record("c", "seeds", 0, offset, datetime(2026, 3, 2, tzinfo=UTC), None, value)


def build_delivery(fakes: Fakes, handler: BatchHandler, **changes: Any) -> Delivery:
    settings = Settings(**changes)
    return Delivery(
        "test",
        handler,
        fakes,  # type: ignore[arg-type]
        fakes,
        fakes,
        InvalidRecordLimit(settings),
        settings.retry_seconds,
        Progress(groups=["test"]),
    )


async def test_state_comes_before_the_event_and_the_acknowledgement_after_it():
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        fakes.happened.append(("state", len(records)))
        return [Event("t", b"a", b"1", on_ack=Announced("a")), Event("t", b"a", b"2")]

    await build_delivery(fakes, handle).deliver([record(0), record(1)])
    assert fakes.happened == [
        ("state", 2),
        ("sent", [("t", b"1"), ("t", b"2")]),
        ("acknowledged", [Announced("a")]),
    ]


async def test_follow_ups_are_sent_once_the_other_acknowledgements_are_saved():
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        wake_up = Event("woken", b"k", b"wake", on_ack=Announced("wake"), phase=FOLLOW_UP)
        return [wake_up, Event("out", b"k", b"log", on_ack=Announced("a"), phase=1)]

    await build_delivery(fakes, handle).deliver([record(1)])
    assert [each[0] for each in fakes.happened] == ["sent", "acknowledged"] * 2
    assert fakes.happened[0] == ("sent", [("out", b"log")])
    assert fakes.happened[2] == ("sent", [("woken", b"wake")])


async def test_repairs_are_sent_until_none_is_found_and_acknowledge_nothing():
    first = Event("state", b"a", b"2", on_ack=Announced("a"))
    second = Event("state", b"a", b"3", on_ack=Announced("a"))
    fakes = Fakes(repairs=[[first], [second]])
    delivery = build_delivery(fakes, _handle_none)
    await delivery.announce([Event("t", b"a", b"1")])
    assert fakes.happened == [
        ("sent", [("t", b"1")]),
        ("sent", [("state", b"2")]),
        ("sent", [("state", b"3")]),
    ]
    assert delivery.progress.counts["sent"] == 1


async def test_a_record_that_breaks_the_handler_is_rejected_alone():
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        if any(record.value == b"poison" for record in records):
            raise ValueError("no")
        return [Event("t", None, record.value) for record in records]

    delivery = build_delivery(fakes, handle)
    await delivery.deliver([record(0, b"a"), record(1, b"poison"), record(2, b"b")])
    assert ("kept", 1) in fakes.happened
    assert fakes.happened[-1] == ("sent", [("t", b"a"), (REJECTED, b"poison"), ("t", b"b")])
    assert delivery.progress.counts["rejected"] == 1


async def test_a_handler_that_fails_for_every_record_halts_before_anything_is_sent():
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        raise ValueError("a bad deploy")

    records = [record(offset) for offset in range(3)]
    with pytest.raises(ProcessingHalted):
        await build_delivery(fakes, handle, invalid_in_row=3).deliver(records)
    assert not [what for what in fakes.happened if what[0] == "sent"]


async def test_an_unavailable_store_is_waited_for_and_nothing_is_rejected():
    fakes = Fakes()
    failures = iter([StoreUnavailable("gone"), StoreUnavailable("gone")])

    async def handle(records: Sequence[Record]) -> list[Event]:
        if (error := next(failures, None)) is not None:
            raise error
        return [Event("t", b"a", b"1")]

    delivery = build_delivery(fakes, handle)
    await delivery.deliver([record(0)])
    assert fakes.happened == [("sent", [("t", b"1")])]
    counts = {"received": 1, "sent": 1, "rejected": 0, "retried": 2, "undelivered": 0}
    assert delivery.progress.counts == counts
    assert delivery.progress.state == "working"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.EIO])
async def test_a_machine_without_room_is_waited_for_and_nothing_is_rejected(number: int):
    fakes = Fakes()
    failures = iter([OSError(number, "as the system says it", "/tmp/model")])
    waits: list[Any] = []

    async def handle(records: Sequence[Record]) -> list[Event]:
        if (error := next(failures, None)) is not None:
            raise error
        waits.append(delivery.progress.waiting)
        return [Event("t", b"a", b"1")]

    delivery = build_delivery(fakes, handle)
    await delivery.deliver([record(0)])
    assert fakes.happened == [("sent", [("t", b"1")])]
    assert waits[0].dependency == MACHINE
    assert os.strerror(number) in waits[0].note


async def test_another_error_of_the_system_is_the_record_s_own():
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        raise FileNotFoundError(errno.ENOENT, "No such file")

    delivery = build_delivery(fakes, handle)
    await delivery.deliver([record(0)])
    assert delivery.progress.counts["rejected"] == 1
    assert delivery.progress.counts["retried"] == 0


async def test_a_send_that_fails_is_repeated_without_handling_again():
    fakes = Fakes(failing_sends=2)
    handled = 0

    async def handle(records: Sequence[Record]) -> list[Event]:
        nonlocal handled
        handled += 1
        return [Event("t", b"a", b"1", on_ack=Announced("a"))]

    await build_delivery(fakes, handle).deliver([record(0)])
    assert handled == 1
    assert fakes.happened == [("sent", [("t", b"1")]), ("acknowledged", [Announced("a")])]


async def test_an_event_that_kafka_never_takes_is_kept_and_the_others_are_acknowledged():
    fakes = Fakes(refused=b"2")

    async def handle(records: Sequence[Record]) -> list[Event]:
        return [Event("t", b"a", value, on_ack=Announced("a")) for value in (b"1", b"2", b"3")]

    delivery = build_delivery(fakes, handle)
    await delivery.deliver([record(0)])
    assert fakes.happened == [
        ("sent", [("t", b"1"), ("t", b"3")]),
        ("kept event", b"2", "too large"),
        ("acknowledged", [Announced("a")] * 3),
    ]
    assert (delivery.progress.counts["sent"], delivery.progress.counts["undelivered"]) == (2, 1)


async def test_a_topic_that_takes_no_event_halts_the_process_and_the_rest_stays_unannounced():
    fakes = Fakes(refused=b"1")

    async def handle(records: Sequence[Record]) -> list[Event]:
        return [Event("t", b"a", b"1", on_ack=Announced("a"))]

    delivery = build_delivery(fakes, handle)
    for offset in range(20):
        await delivery.deliver([record(offset)])
    with pytest.raises(ProcessingHalted, match="is the topic t set up as it should be"):
        await delivery.deliver([record(20)])
    assert len([what for what in fakes.happened if what[0] == "acknowledged"]) == 20


async def test_refused_events_are_counted_in_a_row_only():
    fakes = Fakes(refused=b"1")

    async def handle(records: Sequence[Record]) -> list[Event]:
        return [Event("t", b"a", b"1"), Event("t", b"a", b"2")]

    delivery = build_delivery(fakes, handle)
    for offset in range(50):
        await delivery.deliver([record(offset)])
    assert delivery.progress.counts["undelivered"] == 50


async def test_what_kafka_does_not_explain_until_the_deadline_is_judged_event_by_event():
    fakes = Fakes(unexplained=True, refused=b"2")

    async def handle(records: Sequence[Record]) -> list[Event]:
        return [Event("t", b"a", b"1"), Event("t", b"a", b"2")]

    settings: dict[str, Any] = {"retry_seconds": 0.6, "session_timeout_ms": 500}
    delivery = build_delivery(fakes, handle, **settings)
    await delivery.deliver([record(0)])
    assert fakes.happened == [("sent", [("t", b"1")]), ("kept event", b"2", "too large")]
    assert delivery.progress.counts["retried"] > 0


@pytest.mark.parametrize(
    "error",
    [
        RulesetChanged("another ruleset"),
        SettingsError("the store denies access"),
        DependencyRejected("no right to write"),
    ],
)
async def test_what_no_record_is_to_blame_for_ends_the_process_and_rejects_nothing(
    error: SeedwireError,
):
    fakes = Fakes()

    async def handle(records: Sequence[Record]) -> list[Event]:
        raise error

    with pytest.raises(type(error)):
        await build_delivery(fakes, handle).deliver([record(0), record(1)])
    assert fakes.happened == []


async def test_after_the_retry_deadline_the_process_ends():
    async def handle(records: Sequence[Record]) -> list[Event]:
        raise StoreUnavailable("gone for good")

    settings: dict[str, Any] = {"retry_seconds": 0.6, "session_timeout_ms": 500}
    with pytest.raises(StoreUnavailable):
        await build_delivery(Fakes(), handle, **settings).deliver([record(0)])


async def _handle_none(records: Sequence[Record]) -> list[Event]:
    return []
