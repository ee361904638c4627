"""Reads rejected records, and dismisses those about which nothing will be done."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from services.console.actions.acts import ActCause, perform
from services.console.actions.record_values import decode_headers, decode_seed_text, decode_text
from services.console.actions.timestamps import format_timestamp
from shared.clock import now
from shared.errors import SeedwireError
from shared.store import CaseState, Cause, Dismissal, RedriveAttempt, RejectedRecord, Store, pages

UNFINISHED: Final = ("open", "redriven")
_INDEX: Final = re.compile(r"\[\d+\]")  # of an item of a list: `images[3].url`


class RejectedRecordNotFound(SeedwireError):
    """No rejected record has that id. Consequence: a command ends with exit code 1."""

    def __init__(self, record_id: str) -> None:
        super().__init__(
            f"there is no rejected record {record_id}; `seedwire rejected list --all` shows all"
        )


@dataclass(frozen=True)
class RejectedGroup:
    """Records with a fault in the same field for the same reason, the earliest first."""

    field: str
    message: str
    members: tuple[tuple[datetime, str], ...]  # when it was rejected, and its id

    @property
    def count(self) -> int:
        return len(self.members)

    @property
    def example_id(self) -> str:
        return self.members[0][1]

    @property
    def record_ids(self) -> list[str]:
        return [record_id for _, record_id in self.members]

    @property
    def first_at(self) -> datetime:
        return self.members[0][0]

    @property
    def last_at(self) -> datetime:
        return self.members[-1][0]


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


async def dismiss_records(store: Store, record_ids: Sequence[str], cause: ActCause) -> None:
    """Note that nothing will be done about these records, with the reason. May be repeated.

    Raises RejectedRecordNotFound at the first unknown id; those before it are then dismissed.
    """

    async def dismiss_each() -> None:
        for record_id in record_ids:
            if not await store.rejected.dismiss(record_id, cause.by, cause.reason, now()):
                raise RejectedRecordNotFound(record_id)

    await perform(
        store,
        "dismiss",
        cause,
        dismiss_each,
        subjects=record_ids,
        describe=lambda _: f"{len(record_ids)} dismissed",
    )


async def group_by_cause(store: Store, with_finished: bool = False) -> list[RejectedGroup]:
    """Records about which something is to be done, by their faults, the largest group first.

    *with_finished*: also those that are resolved or dismissed.
    """

    async def select() -> AsyncIterator[RejectedRecord]:
        async for record in iterate_rejected(store, with_dismissed=with_finished):
            if with_finished or record.state in UNFINISHED:
                yield record

    return await group_records(select())


async def group_records(records: AsyncIterator[RejectedRecord]) -> list[RejectedGroup]:
    """The same of these records. One with several faults is in several groups."""
    groups: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    async for record in records:
        for cause in causes_of(record):
            groups.setdefault(cause, []).append((record.rejected_at, record.id))
    found = [RejectedGroup(*cause, tuple(sorted(members))) for cause, members in groups.items()]
    return sorted(found, key=lambda group: -group.count)


def causes_of(record: RejectedRecord) -> list[tuple[str, str]]:
    """The field and the reason of each fault, without what was found and where, which differ."""
    causes: dict[tuple[str, str], None] = {}
    for cause in record.causes:
        message, _, _ = cause.message.partition(", found")
        causes[_INDEX.sub("[]", cause.field), message] = None
    return list(causes)


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
        "errors": describe_causes(record.causes),
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
        "errors": describe_causes(attempt.causes),
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


def describe_causes(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    return [
        {"field": cause.field, "line": cause.line, "message": cause.message} for cause in causes
    ]
