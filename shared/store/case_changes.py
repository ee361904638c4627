"""What is done about a rejected record, for every adapter: each has only to change a case."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from functools import partial

from shared.store.ports.operations.rejected import Dismissal, RedriveAttempt, RejectedRecord
from shared.store.redrive_history import add_attempt, answer_attempt, dismiss, resolve

Change = Callable[[RejectedRecord], RejectedRecord | None]
"""Gives a case as it goes on: itself if nothing changes, None if the change does not apply."""


class CaseChanges(ABC):
    """The part of the port `RejectedRecords` that changes cases."""

    @abstractmethod
    async def change(self, record_id: str, change: Change) -> RejectedRecord | None:
        """Compare-and-set what *change* makes of the case; None if there is nothing to change."""

    async def add_redrive(
        self,
        record_id: str,
        by: str,
        at: datetime,
        corrected: bytes | None = None,
        expected: int | None = None,
    ) -> RedriveAttempt | None:
        add = partial(add_attempt, by=by, at=at, corrected=corrected, expected=expected)
        changed = await self.change(record_id, add)
        return changed.redrives[-1] if changed else None

    async def answer_redrive(self, record_id: str, number: int, outcome: str, at: datetime) -> bool:
        answer = partial(answer_attempt, number=number, outcome=outcome, at=at)
        return await self.change(record_id, answer) is not None

    async def dismiss(self, record_id: str, by: str, reason: str, at: datetime) -> bool:
        dismissal = Dismissal(by, at, reason)
        return await self.change(record_id, partial(dismiss, dismissal=dismissal)) is not None

    async def resolve(self, record_id: str, by: str, reason: str, at: datetime) -> bool:
        note = Dismissal(by, at, reason)
        return await self.change(record_id, partial(resolve, note=note)) is not None
