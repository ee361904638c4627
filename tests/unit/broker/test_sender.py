"""Sending: what is repeated, what is refused alone, and what ends the process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiokafka.errors import (
    CorruptRecordException,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownError,
)

from shared.broker.records import Acknowledgement, Event
from shared.broker.sending.sender import Sender
from shared.budgets import MAX_EVENT_BYTES
from shared.errors import (
    DependencyRejected,
    DependencyUnavailable,
    KafkaUnavailable,
    SeedwireError,
    UnexplainedError,
)


class FakeProducer:
    """Acknowledges records in requests; a request fails for the worst of its records.

    *errors* are by the value of a record. With *request_size* 1 each record has a request of its
    own; the first call may have larger ones.
    """

    def __init__(self, errors: Mapping[bytes, Exception] | None = None, request_size: int = 1):
        self._errors = errors or {}
        self._request_size = request_size
        self._request: list[tuple[bytes, asyncio.Future[None]]] = []
        self.accepted: list[bytes] = []

    async def send(
        self, topic: str, value: bytes, *, key: bytes | None, headers: list[tuple[str, bytes]]
    ) -> asyncio.Future[None]:
        for name, _ in headers:
            name.encode()
        acknowledgement: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request.append((value, acknowledgement))
        asyncio.get_running_loop().call_soon(self._flush)
        if len(self._request) == self._request_size:
            self._flush()
        return acknowledgement

    def _flush(self) -> None:
        request, self._request = self._request, []
        error = next((self._errors[value] for value, _ in request if value in self._errors), None)
        for value, acknowledgement in request:
            if error is not None:
                acknowledgement.set_exception(error)
            else:
                self.accepted.append(value)
                acknowledgement.set_result(None)


def event(value: bytes, key: bytes | None = b"k", **parts: Any) -> Event:
    return Event("t", key, value, **parts)


def sender(producer: FakeProducer) -> Sender:
    return Sender(producer)  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [KafkaTimeoutError(), RequestTimedOutError(), UnknownError()])
async def test_a_send_without_acknowledgement_may_be_repeated(error: KafkaError):
    with pytest.raises(KafkaUnavailable, match="Kafka did not acknowledge 2 events"):
        await sender(FakeProducer({b"2": error})).send([event(b"1"), event(b"2")])


@pytest.mark.parametrize(
    "error", [KafkaError("Unexpected error during batch delivery"), OutOfOrderSequenceNumber()]
)
async def test_a_producer_that_has_died_is_not_waited_for(error: KafkaError):
    """aiokafka raises these when its sending task has ended: the producer sends nothing more."""
    with pytest.raises(SeedwireError, match="the producer has died") as caught:
        await sender(FakeProducer({b"1": error})).send([event(b"1")])
    assert not isinstance(caught.value, DependencyUnavailable)


async def test_a_missing_right_ends_the_process_with_a_sentence():
    producer = FakeProducer({b"1": TopicAuthorizationFailedError("t"), b"2": KafkaTimeoutError()})
    with pytest.raises(DependencyRejected, match="TopicAuthorizationFailedError: t; no restart"):
        await sender(producer).send([event(b"2"), event(b"1")])


async def test_an_event_that_kafka_refuses_is_returned_and_the_others_are_sent():
    producer = FakeProducer({b"2": MessageSizeTooLargeError()})
    events = [event(b"1"), event(b"2", headers=(("ce_id", b"a.2"),)), event(b"3", key=b"other")]
    (refusal,) = await sender(producer).send(events)
    assert refusal.event == events[1]
    assert "Kafka does not take a.2 of 1" in str(refusal.error)
    assert "MessageSizeTooLargeError" in str(refusal.error)
    assert producer.accepted == [b"1", b"3"]


async def test_events_that_failed_with_another_in_one_request_are_sent_alone_and_in_order():
    producer = FakeProducer({b"2": MessageSizeTooLargeError()}, request_size=3)
    events = [event(b"1"), event(b"2"), event(b"3"), event(b"4"), event(b"5", key=b"other")]
    (refusal,) = await sender(producer).send(events)
    assert refusal.event == events[1]
    assert producer.accepted == [b"4", b"5", b"1", b"3", b"4"]  # the last of the key is the newest


async def test_an_event_beyond_the_budget_is_refused_before_kafka_sees_it():
    producer = FakeProducer()
    largest = event(b"x" * (MAX_EVENT_BYTES - event(b"").size))
    too_large = event(largest.value + b"x")  # type: ignore[operator]
    (refusal,) = await sender(producer).send([largest, too_large])
    assert refusal.event == too_large
    assert "has 1,000,001 bytes, but an event for t may have 1,000,000" in str(refusal.error)
    assert producer.accepted == [largest.value]


async def test_an_event_without_a_form_on_the_wire_is_refused_alone():
    producer = FakeProducer()
    broken = event(b"1", headers=(("\ud800", b""),))
    (refusal,) = await sender(producer).send([broken, event(b"2")])
    assert "UnicodeEncodeError" in str(refusal.error)
    assert producer.accepted == [b"2"]


async def test_what_kafka_does_not_explain_counts_against_the_event_in_the_last_attempt_alone():
    producer = FakeProducer({b"1": UnknownError(), b"2": CorruptRecordException()})
    events = [event(b"1"), event(b"2"), event(b"3", key=b"other")]
    with pytest.raises(UnexplainedError):
        await sender(producer).send(events)
    refusals = await sender(producer).send(events, is_last_attempt=True)
    assert [refusal.event for refusal in refusals] == events[:2]


async def test_an_unexplained_error_beside_an_outage_is_an_outage():
    producer = FakeProducer({b"1": UnknownError(), b"2": KafkaTimeoutError()})
    with pytest.raises(KafkaUnavailable) as caught:
        await sender(producer).send([event(b"1"), event(b"2")])
    assert not isinstance(caught.value, UnexplainedError)


class HoldingProducer(FakeProducer):
    """Acknowledges nothing by itself: a test acknowledges what was sent so far."""

    def _flush(self) -> None:
        """Only `acknowledge` does that."""

    def acknowledge(self) -> list[bytes]:
        sent = [value for value, _ in self._request]
        super()._flush()
        return sent


@dataclass(frozen=True)
class Completes(Acknowledgement):
    what: str


class TestPhases:
    async def test_a_phase_is_sent_once_the_one_before_is_acknowledged(self):
        producer = HoldingProducer()
        events = [event(b"log 1", phase=1), event(b"state 1"), event(b"log 2", phase=1)]
        sending = asyncio.create_task(sender(producer).send([*events, event(b"state 2")]))
        await asyncio.sleep(0)
        assert producer.acknowledge() == [b"state 1", b"state 2"]
        for _ in range(5):
            await asyncio.sleep(0)
        assert producer.acknowledge() == [b"log 1", b"log 2"]
        assert await sending == []

    async def test_nothing_of_a_later_phase_is_sent_when_kafka_does_not_acknowledge(self):
        producer = FakeProducer({b"state": KafkaTimeoutError()})
        with pytest.raises(KafkaUnavailable):
            await sender(producer).send([event(b"state"), event(b"log", phase=1)])
        assert producer.accepted == []

    async def test_what_follows_on_a_refused_event_is_held_back(self):
        producer = FakeProducer({b"state": MessageSizeTooLargeError()})
        refused = event(b"state", on_ack=Completes("a"))
        following = event(b"log", on_ack=Completes("a"), phase=1)
        other = event(b"other log", key=b"b", on_ack=Completes("b"), phase=1)
        refusals = await sender(producer).send([refused, following, other])
        assert [refusal.event for refusal in refusals] == [refused, following]
        assert "was not sent" in str(refusals[1].error)
        assert producer.accepted == [b"other log"]


async def test_common_headers_are_added_to_every_event_and_kept_with_a_refused_one():
    producer = FakeProducer({b"1": MessageSizeTooLargeError()})
    common = (("ce_source", b"https://news.example"),)
    sending = Sender(producer, common_headers=common)  # type: ignore[arg-type]
    (refusal,) = await sending.send([event(b"1", headers=(("ce_id", b"a"),))])
    assert refusal.event.headers == (("ce_id", b"a"), *common)
