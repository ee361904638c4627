"""The order of every service: state, then event, then offset.

A handler writes state and returns events. The events are sent, Kafka acknowledges them, the store
learns what that completes, and only then may the batch's offsets be committed. Wherever the process
dies, Kafka delivers the batch again, and the handler returns the same events.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

from shared import failpoints
from shared.broker.hooks import AcknowledgementHook, DeadLetters
from shared.broker.invalid_limit import InvalidRecordLimit
from shared.broker.progress import Progress
from shared.broker.records import Event, Record
from shared.broker.retry import Retry
from shared.broker.sender import Sender
from shared.errors import DependencyUnavailable, ProcessingHalted, RulesetChanged

log = logging.getLogger(__name__)

BatchHandler = Callable[[Sequence[Record]], Awaitable[list[Event]]]


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
    ) -> None:
        self.progress = progress
        self._group = group
        self._handler = handler
        self._sender = sender
        self._acknowledgements = acknowledgements
        self._dead_letters = dead_letters
        self._limit = limit
        self._retry = Retry(retry_seconds, progress)

    async def deliver(self, records: Sequence[Record]) -> None:
        """Handle *records*, send the events and save their acknowledgements. May be repeated.

        After it returns, the offsets of *records* may be committed; after an exception never.
        """
        self.progress.mark_joined(self._group)  # records came, so the process is in the group
        events = await self._handle(records)
        await failpoints.hit("handled")
        rejected = sum(event.topic == self._dead_letters.topic for event in events)
        self._limit.observe(len(records), rejected)
        await self.announce(events)
        self.progress.counts["received"] += len(records)
        self.progress.counts["rejected"] += rejected

    async def announce(self, events: Sequence[Event]) -> None:
        """Send *events* and save their acknowledgements. May be repeated.

        The events of periodic tasks go this way too.
        """
        if not events:
            return
        await self._send(events)
        await self._retry.run(lambda: self._acknowledgements.save(events))
        self.progress.counts["sent"] += len(events)
        await self._send_repairs(events)

    async def _send_repairs(self, sent: Sequence[Event]) -> None:
        while repairs := await self._find_repairs(sent):
            await self._send(repairs)
            sent = repairs

    async def _find_repairs(self, sent: Sequence[Event]) -> list[Event]:
        return await self._retry.run(lambda: self._acknowledgements.find_repairs(sent))

    async def _send(self, events: Sequence[Event]) -> None:
        await self._retry.run(lambda: self._sender.send(events))

    async def _handle(self, records: Sequence[Record]) -> list[Event]:
        try:
            return await self._retry.run(lambda: self._handler(records))
        except (DependencyUnavailable, ProcessingHalted, RulesetChanged):
            raise
        except Exception as error:  # the one edge that dead-letters
            if len(records) == 1:
                return [await self._reject(records[0], error)]
            log.warning(
                "a batch of %d records failed (%r): each record is tried alone", len(records), error
            )
        events: list[Event] = []
        for record in records:
            events += await self._handle([record])
        return events

    async def _reject(self, record: Record, error: Exception) -> Event:
        log.error("record %s is rejected", record.id, exc_info=error)
        return await self._retry.run(lambda: self._dead_letters.keep(record, error))
