"""What publishing counts: revisions that were announced, and how long they took."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from shared.broker.records import Event
from shared.clock import Clock, now
from shared.events.acknowledgements import RevisionAnnounced
from shared.events.topics import PUBLISHED_LOG

# A drop without pictures is published after a second or two; with a slow host, after minutes.
LATENCY_BUCKETS: Final = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
KINDS: Final = ("published", "updated", "retracted")


class RevisionMetrics:
    """Counts in *registry*."""

    def __init__(self, registry: CollectorRegistry, clock: Clock = now) -> None:
        self._clock = clock
        self._revisions = Counter(
            "seedwire_revisions_total",
            "Revisions that were announced in published.log.",
            ["kind"],
            registry=registry,
        )
        self._latency = Histogram(
            "seedwire_drop_to_published_seconds",
            "From the drop of an article to its first revision in published.log.",
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        for kind in KINDS:
            self._revisions.labels(kind)

    def count(self, events: Sequence[Event]) -> None:
        """Kafka has acknowledged *events*; those of other topics are left out."""
        for event in events:
            announced = event.on_ack
            if event.topic != PUBLISHED_LOG or not isinstance(announced, RevisionAnnounced):
                continue
            self._revisions.labels(announced.kind).inc()
            if announced.dropped_at is not None:
                self._observe_latency(announced.dropped_at)

    def _observe_latency(self, dropped_at: datetime) -> None:
        seconds = (self._clock() - dropped_at).total_seconds()
        self._latency.observe(max(0.0, seconds))
