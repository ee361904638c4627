"""Sends rejected records again, to the topics they came from.

Each time is an attempt of the same case. It is noted before the record is sent, and headers name
it, so that what becomes of the record is noted with the attempt.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaProducer

from services.console.actions.acts import ActCause, perform
from services.console.actions.drops.check_seed import check_seed
from services.console.actions.overtaken import Overtaken
from services.console.actions.rejected.redriven_record import SENT, is_event, send_record
from services.console.actions.rejected.rejected_records import (
    RejectedRecordNotFound,
    iterate_rejected,
    load_rejected,
)
from services.console.actions.store_session import open_store
from services.console.counts import format_count
from shared.article import FieldError
from shared.broker.network.connection import open_producer
from shared.clock import now
from shared.events.topics import PUBLISHED_LOG, SEEDS, STORIES_LOG
from shared.settings import Settings
from shared.store import RejectedRecord, Store
from shared.store.ports.operations.rejected import REJECTED_AGAIN

# An attempt without an answer after so long was lost on its way, or nobody reads the topic.
UNANSWERED_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class RedriveRequest:
    """What to send again: the records with these ids, or without ids all that are open.

    The bytes *replacement* are sent instead, if given. A record that was sent *max_attempts* times
    is left out. One that does not have the *expected* number of attempts is not sent: somebody else
    was first.
    """

    record_ids: Sequence[str]
    cause: ActCause
    max_attempts: int
    replacement: bytes | None = None
    dry_run: bool = False
    expected: int | None = None


@dataclass(frozen=True)
class Redrive:
    """What was done about one record: it was sent again, or *outcome* says why not.

    *warnings* are those that the receipt of a seed has.
    """

    record_id: str
    is_sent: bool
    outcome: str
    warnings: Sequence[FieldError] = ()


async def redrive_records(settings: Settings, request: RedriveRequest) -> list[Redrive]:
    """Send records again, each after Kafka acknowledged the one before.

    After a failure the command may be repeated. Raises RejectedRecordNotFound, StoreUnavailable or
    KafkaUnavailable.
    """
    async with open_store(settings) as store:
        if request.dry_run:
            return await redrive_selected(None, store, request)
        async with open_producer(settings) as producer:
            return await redrive_selected(producer, store, request)


async def redrive_selected(
    producer: AIOKafkaProducer | None, store: Store, request: RedriveRequest
) -> list[Redrive]:
    """The same with an opened store and producer; without a producer, nothing is sent."""
    if producer is None:
        return await _redrive_each(None, store, request)
    return await perform(
        store,
        "redrive" if request.replacement is None else "mend",
        request.cause,
        lambda: _redrive_each(producer, store, request),
        subjects=request.record_ids,
        describe=describe_redrives,
    )


async def _redrive_each(
    producer: AIOKafkaProducer | None, store: Store, request: RedriveRequest
) -> list[Redrive]:
    redrives: list[Redrive] = []
    async for record in _select_records(store, request.record_ids):
        if record.attempts >= request.max_attempts:
            times = format_count(record.attempts, "time")
            outcome = f"left out: redriven {times} already"
            redrives.append(Redrive(record.id, False, outcome))
        elif producer is None:
            warnings = await _find_warnings(store, record, request.replacement)
            redrives.append(Redrive(record.id, True, SENT, warnings))
        else:
            redrives.append(await _redrive(producer, store, record, request))
    return redrives


def describe_redrives(redrives: Sequence[Redrive], answers: str = "") -> str:
    """What was sent and what was not; *answers* says what came of the former."""
    sent = sum(redrive.is_sent for redrive in redrives)
    others = [redrive.outcome for redrive in redrives if not redrive.is_sent]
    left = f"; {len(others)} not: {others[0]}" if others else ""
    return f"{sent} sent again{answers}{left}"


async def _select_records(store: Store, ids: Sequence[str]) -> AsyncIterator[RejectedRecord]:
    """Events for a log come last: what they tell of must be in its state topic by then."""
    if ids:
        records = [await load_rejected(store, record_id) for record_id in ids]
        for record in sorted(records, key=_is_for_log):
            yield record
        return
    for is_for_log in (False, True):
        async for record in iterate_rejected(store):
            is_unfinished = record.state == "open" or _is_unanswered(record)
            if is_unfinished and _is_for_log(record) is is_for_log:
                yield record


def _is_for_log(record: RejectedRecord) -> bool:
    return is_event(record) and record.topic in (PUBLISHED_LOG, STORIES_LOG)


def _is_unanswered(record: RejectedRecord) -> bool:
    sent_at = record.redriven_at
    if record.state != "redriven" or sent_at is None:
        return False
    return now() - sent_at > UNANSWERED_AFTER


async def _redrive(
    producer: AIOKafkaProducer, store: Store, record: RejectedRecord, request: RedriveRequest
) -> Redrive:
    replacement = request.replacement
    warnings = await _find_warnings(store, record, replacement)
    attempt = await store.rejected.add_redrive(
        record.id, request.cause.by, now(), replacement, request.expected
    )
    if attempt is None and request.expected is not None:
        raise Overtaken("somebody else sent this case at the same time: look at it again")
    if attempt is None:
        raise RejectedRecordNotFound(record.id)
    outcome = await send_record(producer, record, attempt, replacement)
    if outcome != SENT:
        await store.rejected.answer_redrive(record.id, attempt.number, REJECTED_AGAIN, now())
    elif is_event(record):
        await store.rejected.answer_redrive(record.id, attempt.number, SENT, now())
    return Redrive(record.id, outcome == SENT, outcome, warnings)


async def _find_warnings(
    store: Store, record: RejectedRecord, replacement: bytes | None
) -> Sequence[FieldError]:
    """What looks wrong in a seed that ingest would take."""
    if record.topic != SEEDS:
        return ()
    content = (record.value or b"") if replacement is None else replacement
    return (await check_seed(content, store, now())).warnings
