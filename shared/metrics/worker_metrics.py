"""What a worker counts of its work. docs/metrics.md says what each name means.

No label grows: stages, tasks and outcomes are few. Every series is there from the start, so that
the first of a kind is seen as an increase.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from shared.errors import DependencyUnavailable

# A batch takes some milliseconds, or half a minute with a picture host that crawls.
BATCH_BUCKETS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300)
TASK_OUTCOMES: Final = ("done", "waited", "failed")


@dataclass(frozen=True)
class ServiceCounter:
    """Something that one service alone counts. *read* is called at every scrape."""

    name: str  # ends in _total
    help: str
    read: Callable[[], float]


class WorkerMetrics:
    """The metrics of one process, in *registry*."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._records = Counter(
            "seedwire_records_total",
            "Records that were handled or rejected, by stage.",
            ["stage", "outcome"],
            registry=registry,
        )
        self._events = Counter(
            "seedwire_events_total",
            "Events that Kafka took, or refused for good, by the stage that sent them.",
            ["stage", "outcome"],
            registry=registry,
        )
        self._batches = Histogram(
            "seedwire_batch_seconds",
            "Time of a batch, from its records until its events are acknowledged.",
            ["stage"],
            buckets=BATCH_BUCKETS,
            registry=registry,
        )
        self._tasks = Summary(
            "seedwire_task_seconds",
            "Time of a run of a periodic task, by how it ended.",
            ["task", "outcome"],
            registry=registry,
        )

    def add_counters(self, counters: Iterable[ServiceCounter]) -> None:
        """Show what the service counts itself."""
        for counter in counters:
            self.registry.register(_ReadCounter(counter))

    def meter_delivery(self, stage: str) -> "DeliveryMetrics":
        """The meter of the delivery to *stage*."""
        return DeliveryMetrics(stage, self._records, self._events, self._batches)

    def add_task(self, task: str) -> None:
        """There is a periodic task of this name."""
        for outcome in TASK_OUTCOMES:
            self._tasks.labels(task, outcome)

    @contextmanager
    def time_task(self, task: str) -> Iterator[None]:
        """The block is a run of *task*."""
        began, outcome = perf_counter(), "failed"
        try:
            yield
            outcome = "done"
        except DependencyUnavailable:
            outcome = "waited"
            raise
        finally:
            self._tasks.labels(task, outcome).observe(perf_counter() - began)


class DeliveryMetrics:
    """A `DeliveryMeter` for one stage."""

    def __init__(self, stage: str, records: Counter, events: Counter, batches: Histogram) -> None:
        self._handled = records.labels(stage, "handled")
        self._rejected = records.labels(stage, "rejected")
        self._sent = events.labels(stage, "sent")
        self._undelivered = events.labels(stage, "undelivered")
        self._batches = batches.labels(stage)

    def count_records(self, handled: int, rejected: int) -> None:
        self._handled.inc(handled)
        self._rejected.inc(rejected)

    def count_events(self, sent: int, undelivered: int) -> None:
        self._sent.inc(sent)
        self._undelivered.inc(undelivered)

    def observe_batch(self, seconds: float) -> None:
        self._batches.observe(seconds)


class _ReadCounter(Collector):
    """A counter that somebody else keeps."""

    def __init__(self, counter: ServiceCounter) -> None:
        self._counter = counter

    def collect(self) -> Iterator[CounterMetricFamily]:
        counter = self._counter
        yield CounterMetricFamily(counter.name, counter.help, counter.read())
