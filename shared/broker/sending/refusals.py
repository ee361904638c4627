"""Events that Kafka can never take, and those that follow on them."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.broker.errors.error_classes import describe_error
from shared.broker.records import Event
from shared.budgets import MAX_EVENT_BYTES
from shared.errors import UndeliverableEvent


@dataclass(frozen=True)
class Refusal:
    """An event that Kafka can never take, and why."""

    event: Event
    error: UndeliverableEvent


def hold_back(
    events: Sequence[Event], earlier: Sequence[Refusal]
) -> tuple[list[Refusal], list[Event]]:
    """The events that complete the same as any of the *earlier* refusals, and the others."""
    incomplete = {refusal.event.on_ack for refusal in earlier} - {None}
    refusals, sendable = [], []
    for event in events:
        if event.on_ack not in incomplete:
            sendable.append(event)
            continue
        sentence = f"{event.id} for {event.topic} was not sent: Kafka refused what it follows on"
        refusals.append(Refusal(event, UndeliverableEvent(sentence)))
    return refusals, sendable


def refuse_large(events: Sequence[Event]) -> tuple[list[Refusal], list[Event]]:
    """The events that are too large, and the others."""
    refusals, sendable = [], []
    for event in events:
        if event.size <= MAX_EVENT_BYTES:
            sendable.append(event)
            continue
        sentence = (
            f"{event.id or 'an event'} has {event.size:,} bytes, but an event for {event.topic} "
            f"may have {MAX_EVENT_BYTES:,}"
        )
        refusals.append(Refusal(event, UndeliverableEvent(sentence)))
    return refusals, sendable


def refuse(event: Event, error: Exception) -> Refusal:
    sentence = (
        f"Kafka does not take {event.id or 'an event'} of {event.size:,} bytes for {event.topic}: "
        f"{describe_error(error)}"
    )
    return Refusal(event, UndeliverableEvent(sentence))
