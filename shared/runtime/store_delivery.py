"""Deliveries that keep acknowledgements and rejected records in the store."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.broker.delivery import Delivery
from shared.broker.invalid_limit import InvalidRecordLimit
from shared.broker.progress import Progress
from shared.broker.records import Event, Record
from shared.broker.sender import Sender
from shared.events.acknowledgements import save_acknowledgements
from shared.events.rejections import build_rejection
from shared.events.state_topic_repair import find_state_repairs
from shared.events.topics import REJECTED
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
    """Keeps records that the handler of *service* cannot process."""

    topic = REJECTED

    def __init__(self, service: str, store: Store) -> None:
        self._service = service
        self._store = store

    async def keep(self, record: Record, error: Exception) -> Event:
        message = f"{self._service} cannot handle this record: {error!r}"
        causes = [Cause(field="", line=None, message=message)]
        rejected, event = build_rejection(record, self._service, causes, datetime.now(UTC))
        await self._store.rejected.save([rejected])
        return event


def build_delivery(
    source: Input,
    store: Store,
    sender: Sender,
    settings: Settings,
    progress: Progress | None = None,
) -> Delivery:
    """A delivery to the handler of *source*, over *store*."""

    async def handle(records: Sequence[Record]) -> list[Event]:
        return await source.handle(records, store)

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
