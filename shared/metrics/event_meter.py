"""Counts events by what they say, which the broker layer does not know."""

from collections.abc import Callable, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry

from shared.broker.records import Event


class EventMeter(Protocol):
    """Counts acknowledged events. Never blocks, never raises."""

    def count(self, events: Sequence[Event]) -> None:
        """Kafka has acknowledged *events*, possibly not for the first time."""


BuildEventMeter = Callable[[CollectorRegistry], EventMeter]
