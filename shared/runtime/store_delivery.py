"""Deliveries that keep acknowledgements and rejected records in the store."""

from collections.abc import Sequence

from shared.broker.reading.delivery import Delivery
from shared.broker.reading.invalid_record_limit import InvalidRecordLimit
from shared.broker.reading.meter import UNMETERED, DeliveryMeter
from shared.broker.reading.progress import Progress
from shared.broker.records import Event, Record
from shared.broker.sending.sender import Sender
from shared.clock import Clock, now
from shared.errors import UndeliverableEvent, UnprocessableRecord
from shared.events.acknowledgements import (
    RedriveAnswered,
    answer_redrive,
    save_acknowledgements,
)
from shared.events.article_events import read_article_ids
from shared.events.cloud_event import find_trace, read_kind, read_trace
from shared.events.rejections import (
    build_rejection,
    build_undelivered,
    keep_rejected,
    read_origin,
)
from shared.events.state_topic_repair import StateRepairs
from shared.events.topics import REJECTED, SEEDS
from shared.metrics.event_meter import EventMeter
from shared.runtime.service import Input
from shared.settings import Settings
from shared.store import Cause, Store
from shared.store.failed_tasks import count_failure, find_failure


class StoreAcknowledgements:
    """Saves what acknowledged events complete, and repairs the state topic after a late send."""

    def __init__(self, store: Store, meter: EventMeter | None = None) -> None:
        self._store = store
        self._meter = meter
        self._repairs = StateRepairs(store)

    async def save(self, events: Sequence[Event]) -> None:
        await save_acknowledgements(events, self._store)
        if self._meter is not None:
            self._meter.count(events)

    async def find_repairs(self, events: Sequence[Event]) -> list[Event]:
        return await self._repairs.find(events)


class RejectedRecords:
    """Keeps records that the handler of *source* cannot process, and events it cannot send."""

    topic = REJECTED

    def __init__(self, source: Input, store: Store, clock: Clock = now) -> None:
        self._source = source
        self._service = source.name
        self._store = store
        self._clock = clock

    async def keep(self, record: Record, error: Exception) -> Event | None:
        """A record about a task that has failed before is counted, but is no case of its own."""
        message = f"{self._service} cannot handle this record: {error!r}"
        article_id = self._find_article(record)
        case_id = await self._find_case(article_id, record)
        event = None
        if case_id == record.id or read_origin(record) is not None:
            causes = [Cause(field="", line=None, message=message)]
            rejected, event = build_rejection(record, self._service, causes, self._clock())
            await keep_rejected([rejected], self._store)
        if self._source.task is not None and article_id:
            await count_failure(
                self._source.task, article_id, message, case_id, self._store, self._clock()
            )
        if self._source.on_rejected is not None:
            await self._source.on_rejected(record, message, self._store)
        return event

    async def keep_event(self, event: Event, error: UndeliverableEvent) -> None:
        cause = Cause(field="", line=None, message=f"{self._service} cannot send this: {error}")
        undelivered = build_undelivered(event, self._service, cause, self._clock())
        await keep_rejected([undelivered], self._store)

    def _find_article(self, record: Record) -> str:
        """The article whose task the record is about; empty if it is about none."""
        if self._source.task is None:
            return ""
        try:
            (article_id,) = read_article_ids([record])
        except UnprocessableRecord:
            return ""
        return article_id

    async def _find_case(self, article_id: str, record: Record) -> str:
        """The case of the first failure of the task; that of *record* if this is the first."""
        if self._source.task is None or not article_id:
            return record.id
        failure = await find_failure(self._source.task, article_id, self._store)
        return failure.case_id if failure and failure.case_id else record.id


def describe_record(record: Record) -> dict[str, str]:
    """What log entries about *record* name: the record, its trace, and its article."""
    fields = {"record": record.id}
    trace = find_trace(record) if record.topic == SEEDS else read_trace(record)
    if trace is not None:
        fields["trace"] = trace.trace_id
    kind, _, _ = read_kind(record).partition(".")
    if kind in ("article", "story") and record.key is not None:
        fields[kind] = record.key.decode(errors="replace")
    return fields


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
    clock: Clock = now,
    meter: DeliveryMeter = UNMETERED,
    event_meter: EventMeter | None = None,
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
        acknowledgements=StoreAcknowledgements(store, event_meter),
        dead_letters=RejectedRecords(source, store, clock),
        limit=InvalidRecordLimit(settings),
        retry_seconds=settings.retry_seconds,
        progress=progress or Progress(groups=[source.name]),
        meter=meter,
        describe=describe_record,
    )
