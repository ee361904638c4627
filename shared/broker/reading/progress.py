"""How far a worker is: noted where it happens, read by the heartbeat and by the health check.

These are observations alone; `shared.runtime.liveness.health` judges them.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from shared.errors import (
    DecoderUnavailable,
    DependencyUnavailable,
    MachineUnavailable,
    StoreUnavailable,
)

KAFKA: Final = "Kafka"
STORE: Final = "the store"
DECODER: Final = "a process that decodes pictures"
MACHINE: Final = "room on this machine"
STARTING: Final = "starting"
COUNTS: Final = ("received", "sent", "rejected", "retried", "undelivered")


@dataclass(frozen=True)
class Wait:
    """Work waits for a dependency, since a moment of the monotonic clock."""

    dependency: str
    since: float
    note: str


@dataclass(frozen=True)
class Batch:
    """A batch in flight, since a moment of the monotonic clock."""

    name: str
    since: float


@dataclass
class Progress:
    """Moments are monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    groups: Iterable[str] = ("",)  # the consumer groups it must join, by the names of its inputs
    trouble: str = ""  # what keeps it from joining a group
    address: str = ""  # where it is reached, if it serves HTTP
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))

    def __post_init__(self) -> None:
        self.began = self.finished = self.stored = self.clock()
        self.assigned = self.began  # when it last got its present partitions, or none
        self._unjoined = set(self.groups)
        self.handled: float | None = None  # when it last finished a batch of records for good
        self._revoked: dict[str, float] = {}
        self._waits: dict[Hashable, Wait] = {}
        self._batches: dict[object, Batch] = {}

    def begin(self) -> None:
        """Consuming begins now: what came before, however long it took, joined no group."""
        self.began = self.finished = self.assigned = self.clock()

    @property
    def has_joined(self) -> bool:
        """Whether it has been in each of its groups."""
        return not self._unjoined

    @property
    def revoked(self) -> float | None:
        """When a group first revoked partitions that it has not assigned again since."""
        return min(self._revoked.values(), default=None)

    def mark_joined(self, group: str) -> None:
        """The process is, or was, in *group*: it got records."""
        self._unjoined.discard(group)

    def mark_assigned(self, group: str) -> None:
        """*group* has assigned its partitions, possibly none to this process."""
        self.mark_joined(group)
        self._revoked.pop(group, None)
        self.assigned, self.trouble = self.clock(), ""

    def mark_revoked(self, group: str) -> None:
        """*group* rebalances. Before the first assignment this means nothing, and is not noted."""
        if group not in self._unjoined:
            self._revoked.setdefault(group, self.clock())

    @property
    def waiting(self) -> Wait | None:
        """The longest wait for a dependency; None while no work waits."""
        return min(self._waits.values(), key=lambda wait: wait.since, default=None)

    def mark_waiting(self, error: DependencyUnavailable, work: Hashable = None) -> bool:
        """*work* waits for a dependency. Returns whether the wait has just begun.

        It waits until `end_wait`, whatever other work succeeds meanwhile.
        """
        dependency = _name_dependency(error)
        before = self._waits.get(work)
        since = self.clock() if before is None else before.since
        self._waits[work] = Wait(dependency, since, str(error))
        return before is None

    def end_wait(self, work: Hashable = None) -> None:
        """*work* waits no longer: it succeeded, or was given up."""
        self._waits.pop(work, None)

    @property
    def state(self) -> str:
        """The state that the heartbeat reports."""
        if self.waiting:
            return "waiting"
        return "working" if self.has_joined else STARTING

    @property
    def note(self) -> str:
        """The sentence that the heartbeat reports."""
        if self.waiting:
            return self.waiting.note
        return self.trouble or self.address

    @contextmanager
    def track_batch(self, name: str = "a batch") -> Iterator[None]:
        """A batch is in flight while the block runs; *name* says which, for people."""
        batch, key = Batch(name, self.clock()), object()
        self._batches[key] = batch
        try:
            yield
            self.handled = self.clock()
        finally:
            del self._batches[key]
            self.finished = self.clock()

    @property
    def oldest_batch(self) -> Batch | None:
        """The batch that has been in flight longest."""
        return min(self._batches.values(), key=lambda batch: batch.since, default=None)


def _name_dependency(error: DependencyUnavailable) -> str:
    for kind, name in (
        (StoreUnavailable, STORE),
        (DecoderUnavailable, DECODER),
        (MachineUnavailable, MACHINE),
    ):
        if isinstance(error, kind):
            return name
    return KAFKA
