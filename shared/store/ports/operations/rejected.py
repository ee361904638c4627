"""Rejected records: the original bytes, why they were rejected, and what became of them since.

A rejected record is a case. Sending it again adds an attempt to the case; if that is rejected too,
it is the same case with one more attempt, and no record of its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

CaseState = Literal["open", "redriven", "resolved", "dismissed"]
"""Of a rejected record.

- open: nothing was done about it, or its last redrive was rejected;
- redriven: it was sent again, and nothing is known of the outcome yet;
- resolved: a redrive of it was handled, or a later drop brought what it was to bring;
- dismissed: somebody decided that nothing will be done about it.
"""

CASE_STATES: Final[tuple[CaseState, ...]] = ("open", "redriven", "resolved", "dismissed")

MAX_KEPT_CORRECTION: Final = 256 * 1024
"""Bytes of a correction that is kept: what a browser edits well; real seeds have 2 to 8 KB."""

REJECTED_AGAIN: Final = "rejected"
"""The outcome of a redrive that was rejected. Every other outcome resolves the case."""


@dataclass(frozen=True)
class Cause:
    """One fault of a rejected record."""

    field: str
    line: int | None
    message: str


@dataclass(frozen=True)
class RedriveAttempt:
    """One time that a rejected record was sent again, and what came of it."""

    number: int  # counts the attempts of the record from 1
    sent_by: str
    sent_at: datetime
    sha256: str  # of the value that was sent, in hexadecimal
    is_corrected: bool = False  # whether other bytes than the original were sent
    outcome: str = ""  # empty: not known yet; `rejected`; else how it was handled
    answered_at: datetime | None = None
    causes: tuple[Cause, ...] = ()  # why it was rejected again
    record_id: str = ""  # of the record that was rejected again


@dataclass(frozen=True)
class Dismissal:
    """Somebody's decision that nothing is left to do about a rejected record."""

    by: str
    at: datetime
    reason: str


class RedriveOrigin(NamedTuple):
    """The case that a redriven record says it comes from, and the number of the attempt."""

    record_id: str
    number: int


@dataclass(frozen=True)
class RejectedRecord:
    """A record that was rejected.

    Its id names its place (cluster, topic, partition, offset), so a repeat has the same id.
    *origin* is what the record says of itself when it is saved; it is not stored.
    """

    id: str
    service: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    causes: tuple[Cause, ...]
    rejected_at: datetime
    state: CaseState = "open"
    redrives: tuple[RedriveAttempt, ...] = ()
    dismissal: Dismissal | None = None  # the last one, even if it was redriven since
    recorded_at: datetime | None = None  # the record's time in Kafka
    correction: bytes | None = None  # what the last redrive sent in its place, unless it is large
    origin: RedriveOrigin | None = field(default=None, compare=False)

    @property
    def page_key(self) -> str:
        return self.id

    @property
    def attempts(self) -> int:
        """How often it was sent again."""
        return len(self.redrives)

    @property
    def last_correction(self) -> bytes | None:
        """The correction, if it is what the last redrive sent.

        An older version that runs beside this one sends others and does not keep them.
        """
        if self.correction is None or not self.redrives:
            return None
        is_last = digest_value(self.correction) == self.redrives[-1].sha256
        return self.correction if is_last else None

    @property
    def redriven_at(self) -> datetime | None:
        """When it was last sent again."""
        return self.redrives[-1].sent_at if self.redrives else None

    @property
    def size(self) -> int:
        """The bytes of key, value and headers, and of the correction."""
        headers = sum(len(name) + len(value or b"") for name, value in self.headers)
        correction = len(self.correction or b"")
        return len(self.key or b"") + len(self.value or b"") + headers + correction


def digest_value(value: bytes | None) -> str:
    """The SHA-256 of a record's value; null counts as empty, for so it is sent again."""
    return hashlib.sha256(value or b"").hexdigest()


class RejectedRecords(Protocol):
    """Every service's edge writes here, and `seedwire rejected`."""

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        """Keep these records whole, whatever their size. May be repeated.

        One that is there already stays as it is. One whose *origin* is an attempt of a stored case
        that sent these very bytes is not kept: the attempt is answered as rejected, with the causes
        of the record.
        """

    async def list_page(
        self, after: str = "", limit: int = 500, state: CaseState | None = None
    ) -> list[RejectedRecord]:
        """Rejected records in the order of their ids, from the first id greater than *after*.

        Of all states, or of one. A page of large records is shorter than *limit*, but never empty
        unless it is the last.
        """

    async def get(self, record_id: str) -> RejectedRecord | None: ...

    async def add_redrive(
        self,
        record_id: str,
        by: str,
        at: datetime,
        corrected: bytes | None = None,
        expected: int | None = None,
    ) -> RedriveAttempt | None:
        """Note that *by* sends it again now, or sends *corrected* in its place; None if unknown.

        Also None if it does not have the *expected* number of attempts: of two who send it at the
        same time, one is first. *corrected* is kept as the case's correction, for whoever mends it
        next, if it has at most `MAX_KEPT_CORRECTION` bytes.

        Call it before sending: the record that is sent names the attempt. A repeat is another
        attempt.
        """

    async def answer_redrive(self, record_id: str, number: int, outcome: str, at: datetime) -> bool:
        """Note how an attempt was handled, which resolves the case. May be repeated.

        Returns whether the attempt is there without another outcome.
        """

    async def dismiss(self, record_id: str, by: str, reason: str, at: datetime) -> bool:
        """Note that nothing will be done about it; False if it is unknown. May be repeated."""

    async def resolve(self, record_id: str, by: str, reason: str, at: datetime) -> bool:
        """Note that an open case is done, by other means than a redrive; False if it is not open.

        May be repeated.
        """

    async def count(self) -> int:
        """How many are open."""

    async def count_by_state(self) -> dict[CaseState, int]:
        """How many there are in each state."""
