"""Reads rejected records, and dismisses those about which nothing will be done."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.console.actions.record_values import decode_headers, decode_seed_text, decode_text
from services.console.actions.timestamps import format_timestamp
from shared.clock import now
from shared.errors import SeedwireError
from shared.store import CaseState, Cause, Dismissal, RedriveAttempt, RejectedRecord, Store, pages


class RejectedRecordNotFound(SeedwireError):
    """No rejected record has that id. Consequence: a command ends with exit code 1."""

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"there is no rejected record {record_id}; `seedwire rejected list --all` shows all"
        )


@dataclass(frozen=True)
class RejectionGroup:
    """Records whose first fault is in the same field for the same reason."""

    field: str
    message: str
    count: int
    example_id: str


async def iterate_rejected(
    store: Store, with_dismissed: bool = False, state: CaseState | None = None
) -> AsyncIterator[RejectedRecord]:
    """Rejected records in the order of their ids: of one state, or all but dismissed ones."""
    async for page in pages(partial(store.rejected.list_page, state=state)):
        for record in page:
            if with_dismissed or record.state != "dismissed":
                yield record


async def load_rejected(store: Store, record_id: str) -> RejectedRecord:
    """Raises RejectedRecordNotFound."""
    record = await store.rejected.get(record_id)
    if record is None:
        raise RejectedRecordNotFound(record_id)
    return record


async def dismiss_records(store: Store, record_ids: Sequence[str], by: str, reason: str) -> None:
    """Note that nothing will be done about these records. May be repeated.

    Raises RejectedRecordNotFound at the first unknown id; those before it are then dismissed.
    """
    for record_id in record_ids:
        if not await store.rejected.dismiss(record_id, by, reason, now()):
            raise RejectedRecordNotFound(record_id)


async def group_by_cause(store: Store, with_dismissed: bool = False) -> list[RejectionGroup]:
    """Records by their first fault, the largest group first."""
    groups: dict[tuple[str, str], list[str]] = {}
    async for record in iterate_rejected(store, with_dismissed):
        cause = record.causes[0]
        message, _, _ = cause.message.partition(", found")  # what was found differs
        groups.setdefault((cause.field, message), []).append(record.id)
    found = [RejectionGroup(*cause, len(ids), ids[0]) for cause, ids in groups.items()]
    return sorted(found, key=lambda group: -group.count)


def describe_rejected(record: RejectedRecord) -> dict[str, Any]:
    """The record as JSON values. Bytes become text, without the values of `secured`."""
    return {
        "id": record.id,
        "path": path_of(record),
        "service": record.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": decode_seed_text(record.key),
        "headers": decode_headers(record.headers),
        "errors": _describe_causes(record.causes),
        "rejectedAt": record.rejected_at.isoformat(),
        "state": record.state,
        "attempts": record.attempts,
        "redrivenAt": record.redriven_at.isoformat() if record.redriven_at else None,
        "redrives": [_describe_attempt(attempt) for attempt in record.redrives],
        "dismissal": _describe_dismissal(record.dismissal),
        "size": len(record.value or b""),
        "value": decode_seed_text(record.value),
    }


def path_of(record: RejectedRecord) -> str | None:
    """The path that the producer gave the seed."""
    for name, value in record.headers:
        if name == "path":
            return decode_text(value)
    return None


def _describe_attempt(attempt: RedriveAttempt) -> dict[str, Any]:
    answered_at = attempt.answered_at
    return {
        "number": attempt.number,
        "sentBy": attempt.sent_by,
        "sentAt": format_timestamp(attempt.sent_at),
        "isCorrected": attempt.is_corrected,
        "sha256": attempt.sha256,
        "outcome": attempt.outcome or None,
        "answeredAt": format_timestamp(answered_at) if answered_at else None,
        "errors": _describe_causes(attempt.causes),
        "rejectedAs": attempt.record_id or None,
    }


def _describe_dismissal(dismissal: Dismissal | None) -> dict[str, Any] | None:
    if dismissal is None:
        return None
    return {
        "by": dismissal.by,
        "at": format_timestamp(dismissal.at),
        "reason": dismissal.reason,
    }


def _describe_causes(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    return [
        {"field": cause.field, "line": cause.line, "message": cause.message} for cause in causes
    ]
