"""Deliveries that keep acknowledgements and rejected records in the store."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.broker.delivery import Delivery
from shared.broker.invalid_record_limit import InvalidRecordLimit
from shared.broker.progress import Progress
from shared.broker.records import Event, Record
from shared.broker.sender import Sender
from shared.errors import UndeliverableEvent
from shared.events.acknowledgements import (
    RedriveAnswered,
    answer_redrive,
    save_acknowledgements,
)
from shared.events.rejections import (
    build_rejection,
    build_undelivered,
    keep_rejected,
    read_origin,
)
from shared.events.state_topic_repair import find_state_repairs
from shared.events.topics import REJECTED, SEEDS
from shared.runtime.service import Input
from shared.settings import Settings
from shared.store import Cause, Store


class StoreAcknowledgements:
    """Saves what acknowledged events complete, and repairs the state topic after a late send."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def save(self, events: Sequence[Event]) -> None:
        await save_acknowledgements(events, self._store)

    async def find_repairs(self, events: Sequence[Event]) -> list[Event]:
        return await find_state_repairs(events, self._store)


class RejectedRecords:
    """Keeps records that the handler of *service* cannot process, and events it cannot send."""

    topic = REJECTED

    def __init__(self, service: str, store: Store) -> None:
        self._service = service
        self._store = store

    async def keep(self, record: Record, error: Exception) -> Event:
        message = f"{self._service} cannot handle this record: {error!r}"
        causes = [Cause(field="", line=None, message=message)]
        rejected, event = build_rejection(record, self._service, causes, datetime.now(UTC))
        await keep_rejected([rejected], self._store)
        return event

    async def keep_event(self, event: Event, error: UndeliverableEvent) -> None:
        cause = Cause(field="", line=None, message=f"{self._service} cannot send this: {error}")
        undelivered = build_undelivered(event, self._service, cause, datetime.now(UTC))
        await keep_rejected([undelivered], self._store)


async def _answer_redrives(records: Sequence[Record], store: Store) -> None:
    """Note of records that were sent again after a rejection that they are handled now."""
    for record in records:
        origin = read_origin(record)
        if origin is not None:
            await answer_redrive(RedriveAnswered(origin, "handled"), store)


def build_delivery(
    source: Input,
    store: Store,
    sender: Sender,
    settings: Settings,
    progress: Progress | None = None,
) -> Delivery:
    """A delivery to the handler of *source*, over *store*."""

    async def handle(records: Sequence[Record]) -> list[Event]:
        events = await source.handle(records, store)
        if source.topic != SEEDS:  # a seed is answered by its receipt
            await _answer_redrives(records, store)
        return events

    return Delivery(
        group=source.name,
        handler=handle,
        sender=sender,
        acknowledgements=StoreAcknowledgements(store),
        dead_letters=RejectedRecords(source.name, store),
        limit=InvalidRecordLimit(settings),
        retry_seconds=settings.retry_seconds,
        progress=progress or Progress(groups=[source.name]),
    )
