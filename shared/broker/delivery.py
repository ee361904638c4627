"""The order of every service: state, then event, then offset.

A batch is handled (which writes the state), its events are sent and acknowledged, what they settled is written, and
only then may its offsets be committed. Wherever the process dies, the batch comes again and gives the same events.
"""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from shared import failpoints
from shared.broker.invalid_limit import InvalidCap
from shared.broker.progress import Progress
from shared.broker.records import Event, Record
from shared.broker.sender import Sender, settle
from shared.broker.topics import REJECTED
from shared.errors import EngineAway, Halted, Outdated
from shared.events.catalogue import rejection
from shared.events.state_topic_repair import overtaken, revisions, states
from shared.store import Cause, Store

log = logging.getLogger(__name__)

Handler = Callable[[Sequence[Record], Store], Awaitable[list[Event]]]
Result = TypeVar("Result")

FIRST_WAIT, LONGEST_WAIT = (
    0.1,
    5.0,
)  # seconds between tries while an engine is away; doubled, with full jitter


class Delivery:
    """Brings batches through a handler. Blocks while an engine is away; raises what a process must stop for."""

    def __init__(
        self,
        service: str,
        handler: Handler,
        store: Store,
        sender: Sender,
        cap: InvalidCap,
        patience: float,
        progress: Progress | None = None,
    ) -> None:
        self.progress = progress or Progress(groups=[service])
        self._service = service
        self._handler = handler
        self._store = store
        self._sender = sender
        self._cap = cap
        self._patience = patience

    async def deliver(self, records: Sequence[Record]) -> None:
        """Handle, send, settle. On return the offsets of *records* may be committed; after an exception never."""
        self.progress.joins(self._service)  # or there would be no records
        events = await self._handle(records)
        await failpoints.reached("handled")
        refused = sum(event.topic == REJECTED for event in events)
        self._cap.observe(len(records), refused)
        await self.announce(events)
        self.progress.counts["received"] += len(records)
        self.progress.counts["rejected"] += refused

    async def announce(self, events: Sequence[Event]) -> None:
        """Send *events* and settle them. What a sweep or parked work returns goes this way too."""
        if not events:
            return
        await self._patiently(lambda: self._sender.send(events))
        await self._patiently(lambda: settle(events, self._store))
        self.progress.counts["sent"] += len(events)
        await self._catch_up(revisions(events))

    async def _catch_up(self, sent: dict[str, int]) -> None:
        """Leave the latest state behind in the compacted topic, also when we were overtaken while we sent."""
        later = await self._patiently(lambda: overtaken(sent, self._store))
        if later:
            await self._patiently(lambda: self._sender.send(states(later)))
            await self._catch_up({item.article_id: item.revision for item in later})

    async def _handle(self, records: Sequence[Record]) -> list[Event]:
        try:
            return await self._patiently(lambda: self._handler(records, self._store))
        except (EngineAway, Halted, Outdated):
            raise
        except (
            Exception
        ) as error:  # the edge that dead-letters: one record that breaks a handler stops nothing
            if len(records) == 1:
                return await self._refuse(records[0], error)
            log.warning(
                "a batch of %d failed (%r): each record is tried alone", len(records), error
            )
        return [event for record in records for event in await self._handle([record])]

    async def _refuse(self, record: Record, error: Exception) -> list[Event]:
        log.error("record %s is refused", record.id, exc_info=error)
        causes = [
            Cause(
                field="", line=None, message=f"{self._service} cannot handle this record: {error!r}"
            )
        ]
        rejected, event = rejection(record, self._service, causes, datetime.now(UTC))
        await self._patiently(lambda: self._store.rejected.save([rejected]))
        return [event]

    async def _patiently(self, action: Callable[[], Awaitable[Result]]) -> Result:
        """Repeat *action* while an engine is away, up to the patience; then its EngineAway ends the process."""
        wait, until = FIRST_WAIT, time.monotonic() + self._patience
        while True:
            try:
                result = await action()
            except EngineAway as error:
                if time.monotonic() > until:
                    raise
                self._wait_for(error)
                await asyncio.sleep(random.uniform(0, wait))
                wait = min(2 * wait, LONGEST_WAIT)
            else:
                self.progress.waiting = None
                return result

    def _wait_for(self, error: EngineAway) -> None:
        if self.progress.wait_for(error):
            log.warning("waiting: %s", error)
        self.progress.counts["retried"] += 1
