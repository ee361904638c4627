"""Lists rejected records and sends them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.console.actions.record_values import decode_headers, decode_text
from services.console.actions.store_session import open_store
from shared.broker.connection import open_producer
from shared.clock import now
from shared.errors import KafkaUnavailable, SeedwireError
from shared.events.rejections import ATTEMPT_HEADER
from shared.settings import Settings
from shared.store import Cause, RejectedRecord, Store, pages


class RejectedRecordNotFound(SeedwireError):
    """No rejected record has that id. Consequence: a command ends with exit code 1."""


@dataclass(frozen=True)
class Redrive:
    """A rejected record and whether it is sent again; if not, it was sent too often already."""

    record: RejectedRecord
    is_sent: bool


@dataclass(frozen=True)
class RejectionGroup:
    """Records whose first fault is in the same field for the same reason."""

    field: str
    message: str
    records: Sequence[RejectedRecord]


async def list_rejected(store: Store) -> list[RejectedRecord]:
    records: list[RejectedRecord] = []
    async for page in pages(store.rejected.list_page):
        records += page
    return records


async def load_rejected(store: Store, record_id: str) -> RejectedRecord:
    """Raises RejectedRecordNotFound."""
    record = await store.rejected.get(record_id)
    if record is None:
        raise RejectedRecordNotFound(
            f"there is no rejected record {record_id}; `seedwire rejected list` shows them all"
        )
    return record


async def redrive_records(
    settings: Settings,
    record_ids: Sequence[str],
    replacement: bytes | None,
    max_attempts: int,
    dry_run: bool,
) -> list[Redrive]:
    """Send these records again, to the topics they came from; without ids, all not yet redriven.

    The bytes *replacement* are sent instead, if given. A record that was sent *max_attempts* times
    is left out. Waits for Kafka's acknowledgement of each record; after a failure the command may
    be repeated. Raises RejectedRecordNotFound, StoreUnavailable or KafkaUnavailable.
    """
    async with open_store(settings) as store:
        records = await _select_records(store, record_ids)
        redrives = [Redrive(record, record.attempts < max_attempts) for record in records]
        to_send = [redrive.record for redrive in redrives if redrive.is_sent]
        if to_send and not dry_run:
            async with open_producer(settings) as producer:
                for record in to_send:
                    await _send(producer, record, replacement)
                    await store.rejected.mark_redriven(record.id, now())
        return redrives


def group_by_cause(records: Sequence[RejectedRecord]) -> list[RejectionGroup]:
    """Records by their first fault, the largest group first."""
    groups: dict[tuple[str, str], list[RejectedRecord]] = {}
    for record in records:
        cause = record.causes[0]
        message, _, _ = cause.message.partition(", found")  # what was found differs
        groups.setdefault((cause.field, message), []).append(record)
    rejection_groups = [RejectionGroup(*cause, members) for cause, members in groups.items()]
    return sorted(rejection_groups, key=lambda group: -len(group.records))


def describe_rejected(record: RejectedRecord) -> dict[str, Any]:
    """The record as JSON values. Bytes become text; bytes that are not UTF-8 are replaced."""
    errors = [_describe_cause(cause) for cause in record.causes]
    return {
        "id": record.id,
        "path": path_of(record),
        "service": record.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": decode_text(record.key),
        "headers": decode_headers(record.headers),
        "errors": errors,
        "rejectedAt": record.rejected_at.isoformat(),
        "attempts": record.attempts,
        "redrivenAt": record.redriven_at.isoformat() if record.redriven_at else None,
        "size": len(record.value or b""),
        "value": decode_text(record.value),
    }


def path_of(record: RejectedRecord) -> str | None:
    """The path that the producer gave the seed."""
    for name, value in record.headers:
        if name == "path":
            return decode_text(value)
    return None


def _describe_cause(cause: Cause) -> dict[str, Any]:
    return {"field": cause.field, "line": cause.line, "message": cause.message}


async def _select_records(store: Store, record_ids: Sequence[str]) -> list[RejectedRecord]:
    if record_ids:
        return [await load_rejected(store, record_id) for record_id in record_ids]
    records = await list_rejected(store)
    return [record for record in records if record.redriven_at is None]


async def _send(
    producer: AIOKafkaProducer, record: RejectedRecord, replacement: bytes | None
) -> None:
    """The attempt is saved after this: a crash in between sends the record twice; no harm."""
    headers = [(name, value) for name, value in record.headers if name != ATTEMPT_HEADER]
    headers.append((ATTEMPT_HEADER, str(record.attempts + 1).encode()))
    value = record.value if replacement is None else replacement
    try:
        await producer.send_and_wait(record.topic, value or b"", key=record.key, headers=headers)
    except KafkaError as error:
        raise KafkaUnavailable(
            f"Kafka did not acknowledge {record.id}: {error!r}; it is safe to send it again"
        ) from error
