"""The order of every service: state, then event, then offset.

A handler writes state and returns events. The events are sent, Kafka acknowledges them, the store
learns what that completes, and only then may the batch's offsets be committed. Wherever the process
dies, Kafka delivers the batch again, and the handler returns the same events.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from shared import failpoints
from shared.broker.errors.machine_faults import translate_machine_fault
from shared.broker.reading.hooks import AcknowledgementHook, DeadLetters
from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.broker.reading.meter import UNMETERED, DeliveryMeter
from shared.broker.reading.progress import Progress
from shared.broker.reading.retry import Retry
from shared.broker.records import FOLLOW_UP, Event, Record
from shared.broker.sending.refusals import Refusal
from shared.broker.sending.sender import Sender
from shared.errors import (
    DependencyRejected,
    DependencyUnavailable,
    ProcessingHalted,
    RulesetChanged,
    SettingsError,
    UnexplainedError,
)
from shared.log_context import add_log_fields

log = logging.getLogger(__name__)

# What no record is to blame for: it ends the process, or was retried until the deadline.
NOT_OF_THE_RECORD: Final = (
    DependencyUnavailable,
    DependencyRejected,
    ProcessingHalted,
    RulesetChanged,
    SettingsError,
)
# In a row, without one that Kafka takes: then the topic is at fault rather than the events, and
# taking them all for announced would lose them.
MAX_UNDELIVERED_IN_ROW: Final = 20

BatchHandler = Callable[[Sequence[Record]], Awaitable[list[Event]]]
DescribeRecord = Callable[[Record], Mapping[str, str]]
"""What log entries say of the record that they are about."""


def _name_record(record: Record) -> Mapping[str, str]:
    return {"record": record.id}


class Delivery:
    """Brings the batches of one consumer group through its handler.

    Blocks while a dependency is unavailable; raises what the process must stop for.
    """

    def __init__(
        self,
        group: str,
        handler: BatchHandler,
        sender: Sender,
        acknowledgements: AcknowledgementHook,
        dead_letters: DeadLetters,
        limit: InvalidRecordLimit,
        retry_seconds: float,
        progress: Progress,
        meter: DeliveryMeter = UNMETERED,
        describe: DescribeRecord = _name_record,
    ) -> None:
        self.progress = progress
        self._meter = meter
        self._describe = describe
        self._group = group
        self._handler = handler
        self._sender = sender
        self._acknowledgements = acknowledgements
        self._dead_letters = dead_letters
        self._limit = limit
        self._retry = Retry(retry_seconds, progress)
        self._undelivered_in_row = 0

    async def deliver(self, records: Sequence[Record]) -> None:
        """Handle *records*, send the events and save their acknowledgements. May be repeated.

        After it returns, the offsets of *records* may be committed; after an exception never.
        """
        began = time.monotonic()
        self.progress.mark_joined(self._group)  # records came, so the process is in the group
        events = await self._handle(records)
        await failpoints.hit("handled")
        rejected = sum(event.topic == self._dead_letters.topic for event in events)
        self._limit.observe(len(records), rejected)
        await self.announce(events)
        self.progress.counts["received"] += len(records)
        self.progress.counts["rejected"] += rejected
        self._meter.count_records(max(0, len(records) - rejected), rejected)
        self._meter.observe_batch(time.monotonic() - began)

    async def announce(self, events: Sequence[Event]) -> None:
        """Send *events* and save their acknowledgements. May be repeated.

        An event that Kafka refuses for good is kept, and then counts as acknowledged: otherwise it
        would be sent without end. The events of periodic tasks go this way too.
        """
        await self._announce([event for event in events if event.phase < FOLLOW_UP])
        await self._announce([event for event in events if event.phase >= FOLLOW_UP])
        if not events:
            await self._send_repairs(())  # those that could not be judged when others were sent

    async def _announce(self, events: Sequence[Event]) -> None:
        if not events:
            return
        delivered = await self._send(events)
        await self._retry.run(lambda: self._acknowledgements.save(events))
        self.progress.counts["sent"] += delivered
        self._meter.count_events(delivered, len(events) - delivered)
        await self._send_repairs(events)

    async def _send_repairs(self, sent: Sequence[Event]) -> None:
        while repairs := await self._find_repairs(sent):
            await self._send(repairs)
            sent = repairs

    async def _find_repairs(self, sent: Sequence[Event]) -> list[Event]:
        return await self._retry.run(lambda: self._acknowledgements.find_repairs(sent))

    async def _send(self, events: Sequence[Event]) -> int:
        """Returns how many of *events* Kafka took. The others are kept in the store."""
        try:
            refusals = await self._retry.run(lambda: self._sender.send(events))
        except UnexplainedError as error:
            log.warning("after the retry deadline each event is judged alone: %s", error)
            refusals = await self._sender.send(events, is_last_attempt=True)
        if len(refusals) < len(events):
            self._undelivered_in_row = 0
        for refusal in refusals:
            await self._keep_undelivered(refusal)
        return len(events) - len(refusals)

    async def _keep_undelivered(self, refusal: Refusal) -> None:
        self._undelivered_in_row += 1
        if self._undelivered_in_row > MAX_UNDELIVERED_IN_ROW:
            raise ProcessingHalted(
                f"Kafka refused more than {MAX_UNDELIVERED_IN_ROW} events in a row, and took none: "
                f"is the topic {refusal.event.topic} set up as it should be? The last: "
                f"{refusal.error}"
            )
        log.error("not delivered, but kept: %s", refusal.error)
        await self._retry.run(lambda: self._dead_letters.keep_event(refusal.event, refusal.error))
        self.progress.counts["undelivered"] += 1

    async def _handle(self, records: Sequence[Record]) -> list[Event]:
        fields = self._describe(records[0]) if len(records) == 1 else {}
        with add_log_fields(fields):
            return await self._handle_named(records)

    async def _handle_named(self, records: Sequence[Record]) -> list[Event]:
        try:
            return await self._retry.run(lambda: self._call_handler(records))
        except NOT_OF_THE_RECORD:
            raise
        except Exception as error:  # the one edge that dead-letters
            if len(records) == 1:
                return await self._reject(records[0], error)
            log.warning(
                "a batch of %d records failed (%r): each record is tried alone", len(records), error
            )
        events: list[Event] = []
        for record in records:
            events += await self._handle([record])
        return events

    async def _call_handler(self, records: Sequence[Record]) -> list[Event]:
        try:
            return await self._handler(records)
        except OSError as error:
            raise translate_machine_fault(error) from error

    async def _reject(self, record: Record, error: Exception) -> list[Event]:
        log.error("record %s is rejected", record.id, exc_info=error)
        event = await self._retry.run(lambda: self._dead_letters.keep(record, error))
        return [event] if event else []
