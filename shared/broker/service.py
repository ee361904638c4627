"""What a service is: one topic, one handler, and chores that take their work from the store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.broker.delivery import Handler
from shared.broker.records import Event
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
class Service:
    """A kind of worker. Processes with the same name share the partitions of the topic."""

    name: str
    topic: str
    handle: Handler
    chores: tuple[Chore, ...] = ()
    on_new_cluster: Callable[[Store], Awaitable[list[Event]]] | None = None
    """Run once when the store has last worked with another cluster: what must be sent into the empty topics."""

    @property
    def group(self) -> str:
        """The consumer group: one for each service."""
        return f"seedwire.{self.name}"
