"""How far a worker is: noted where it happens, read by the heartbeat and by the health check.

These are observations alone; `shared.runtime.health` judges them.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from shared.errors import DependencyUnavailable, StoreUnavailable

KAFKA: Final = "Kafka"
STORE: Final = "the store"
COUNTS: Final = ("received", "sent", "rejected", "retried")


@dataclass(frozen=True)
class Wait:
    """Work waits for a dependency, since a moment of the monotonic clock."""

    dependency: str
    since: float
    note: str


@dataclass
class Progress:
    """Moments are monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    groups: Iterable[str] = ("",)  # the consumer groups it must join, by the names of its inputs
    waiting: Wait | None = None
    trouble: str = ""  # what keeps it from joining a group
    address: str = ""  # where it is reached, if it serves HTTP
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))

    def __post_init__(self) -> None:
        self.began = self.finished = self.stored = self.clock()
        self.assigned = self.began  # when it last got its present partitions, or none
        self._unjoined = set(self.groups)
        self._revoked: dict[str, float] = {}
        self._batches: list[float] = []

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

    def mark_waiting(self, error: DependencyUnavailable) -> bool:
        """Work waits for a dependency. Returns whether the wait has just begun."""
        dependency = STORE if isinstance(error, StoreUnavailable) else KAFKA
        if self.waiting is None:
            self.waiting = Wait(dependency, self.clock(), str(error))
            return True
        self.waiting = Wait(dependency, self.waiting.since, str(error))
        return False

    @property
    def state(self) -> str:
        """The state that the heartbeat reports."""
        if self.waiting:
            return "waiting"
        return "working" if self.has_joined else "starting"

    @property
    def note(self) -> str:
        """The sentence that the heartbeat reports."""
        if self.waiting:
            return self.waiting.note
        return self.trouble or self.address

    @contextmanager
    def track_batch(self) -> Iterator[None]:
        """A batch is in flight while the block runs."""
        since = self.clock()
        self._batches.append(since)
        try:
            yield
        finally:
            self._batches.remove(since)
            self.finished = self.clock()

    @property
    def batch_since(self) -> float | None:
        """When the oldest batch in flight began."""
        return min(self._batches, default=None)
