"""What a worker knows of itself: noted where it happens, read by the heartbeat and by its health. No opinion here."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.errors import EngineAway, StoreAway

KAFKA, STORE = "Kafka", "the store"


@dataclass(frozen=True)
class Wait:
    """An engine that work waits for, since a moment of the monotonic clock."""

    engine: str
    since: float
    note: str


@dataclass
class Progress:
    """Moments are monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    groups: Iterable[str] = ("",)  # the consumer groups it must be in, by the names of its inputs
    waiting: Wait | None = None
    trouble: str = ""  # what keeps it from a group
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("received", "sent", "rejected", "retried"), 0)
    )

    def __post_init__(self) -> None:
        self.began = self.finished = self.stored = self.clock()
        self.assigned = self.began  # when its present partitions, or none, last became its share
        self._joining = set(self.groups)
        self._revoked: dict[str, float] = {}
        self._batches: list[float] = []

    @property
    def joined(self) -> bool:
        """Whether it has been in each of its groups."""
        return not self._joining

    @property
    def revoked(self) -> float | None:
        """When partitions of a group were taken away, the first such, until it has a share of them again."""
        return min(self._revoked.values(), default=None)

    def joins(self, group: str) -> None:
        """It is, or was, in *group*: records of it came."""
        self._joining.discard(group)

    def is_assigned(self, group: str) -> None:
        """A share of the partitions of *group* is its own, be it none."""
        self.joins(group)
        self._revoked.pop(group, None)
        self.assigned, self.trouble = self.clock(), ""

    def is_revoked(self, group: str) -> None:
        """Its share is taken away until the group has formed anew. Before the first share that says nothing."""
        if group not in self._joining:
            self._revoked.setdefault(group, self.clock())

    @property
    def state(self) -> str:
        """As the heartbeat says it."""
        if self.waiting:
            return "waiting"
        return "working" if self.joined else "starting"

    @property
    def note(self) -> str:
        return self.waiting.note if self.waiting else self.trouble

    def wait_for(self, error: EngineAway) -> bool:
        """Work waits for an engine; whether that is new."""
        is_new = self.waiting is None
        since = self.waiting.since if self.waiting else self.clock()
        self.waiting = Wait(STORE if isinstance(error, StoreAway) else KAFKA, since, str(error))
        return is_new

    @contextmanager
    def batch(self) -> Iterator[None]:
        """A batch is in hand while the block runs."""
        since = self.clock()
        self._batches.append(since)
        try:
            yield
        finally:
            self._batches.remove(since)
            self.finished = self.clock()

    @property
    def batch_since(self) -> float | None:
        """When the oldest batch in hand was taken."""
        return min(self._batches, default=None)
