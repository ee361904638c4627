"""What a service is: topics with a handler each, and chores that take their work from the store."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.broker.delivery import Handler
from shared.broker.records import Event, Record
from shared.store import Store


@dataclass(frozen=True)
class Chore:
    """Work that comes from the store instead of a topic: a sweep, parked work. Run again *every* so many seconds.

    It returns events like a handler; they are sent and settled like a handler's. A chore that found as much as it
    takes at once returns its events and is run again without a pause.
    """

    name: str
    every: float  # seconds
    run: Callable[[Store], Awaitable[list[Event]]]


@dataclass(frozen=True)
class Input:
    """One topic that a service reads, in a consumer group of its own: `seedwire.<name>`."""

    name: str
    topic: str
    handle: Handler
    ahead: int = 1
    """With so many records in hand no further batch is asked for. With 1 a batch is begun when the one before is
    delivered. With more, batches are handled side by side, so that one slow record does not hold up what comes behind
    it; they are committed in their order, and the handler must bear two of its batches at once. What is through and
    waits for its turn to be committed does not count, up to ten times as much."""
    apart: Callable[[Record], bool] = lambda _: False
    """Records that may take much longer than others. They are handled beside the others of their batch, whose events
    do not wait for them, unless the handler has them wait."""

    @property
    def group(self) -> str:
        return f"seedwire.{self.name}"

    def parts(self, records: Sequence[Record]) -> list[list[Record]]:
        """What is handled together, each with a record at least."""
        quick = [record for record in records if not self.apart(record)]
        slow = [record for record in records if self.apart(record)]
        return [part for part in (quick, slow) if part]


@dataclass(frozen=True)
class Service:
    """A kind of worker. Processes with the same name share the partitions of its topics."""

    name: str
    topic: str
    handle: Handler
    chores: tuple[Chore, ...] = ()
    on_new_cluster: Callable[[Store], Awaitable[list[Event]]] | None = None
    """Run once when the store has last worked with another cluster: what must be sent into the empty topics."""
    also: tuple[Input, ...] = ()
    """Further topics, for a service that hands work to itself over Kafka."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """All topics that it reads: the one it is named for first."""
        return (Input(self.name, self.topic, self.handle), *self.also)
