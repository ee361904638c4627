"""What a service is: topics with a handler each, and periodic tasks."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.broker.reading.subscription import Subscription
from shared.broker.records import Event, Record
from shared.metrics.event_meter import BuildEventMeter
from shared.metrics.worker_metrics import ServiceCounter
from shared.store import Store, Task

Handler = Callable[[Sequence[Record], Store], Awaitable[list[Event]]]
"""Handles one batch: writes state and returns events.

It may get a batch again, and then returns the same events. The batch is retried after
DependencyUnavailable; after any other error its records are tried alone, and rejected if they fail
again.
"""


RejectionHook = Callable[[Record, str, Store], Awaitable[None]]
"""Called when a record of the input is rejected, with the reason. May be repeated."""


@dataclass(frozen=True)
class PeriodicTask:
    """Work that comes from the store instead of a topic: a sweep, or parked work.

    It returns events like a handler; they are sent and acknowledged like a handler's. A task that
    finds more than it takes at a time leaves the rest to its next run.
    """

    name: str
    interval_seconds: float
    run: Callable[[Store], Awaitable[list[Event]]]


@dataclass(frozen=True, kw_only=True)
class Input(Subscription):
    """One topic that a service reads, and its handler."""

    handle: Handler
    task: Task | None = None
    """What the articles of its records wait for, if a sweep wakes those that wait for long.

    Records that cannot be handled then count as failures of it: see `shared.store.failed_tasks`.
    """
    on_rejected: RejectionHook | None = None


@dataclass(frozen=True)
class Service:
    """A kind of worker. Processes of the same name share the partitions of its topics."""

    name: str
    topic: str
    handle: Handler
    periodic_tasks: tuple[PeriodicTask, ...] = ()
    on_start: Callable[[Store], Awaitable[None]] | None = None
    """Runs once before the first batch. SettingsError ends the process."""
    on_new_cluster: Callable[[Store], AsyncIterator[list[Event]]] | None = None
    """Runs in one worker when the service has last worked with another cluster.

    It yields, page by page, what must be sent into the new cluster's empty topics. It may be
    repeated from the start, by another worker.
    """
    task: Task | None = None
    """Of its own topic, as in Input."""
    extra_inputs: tuple[Input, ...] = ()
    """Further topics, for a service that hands work to itself over Kafka."""
    counters: tuple[ServiceCounter, ...] = ()
    """What this service alone counts, for `/metrics`."""
    mode: str = ""
    """How it works, where a setting chooses.

    Heartbeats say it, since a command may have other settings.
    """
    build_event_meter: BuildEventMeter | None = None
    """Builds what counts the events of this service that Kafka has acknowledged."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """All topics that it reads: first the one with the service's own name."""
        own = Input(self.name, self.topic, handle=self.handle, task=self.task)
        return (own, *self.extra_inputs)
