"""What a delivery leaves to its caller: the meaning of acknowledgements, and of rejected records.

The broker layer repeats every call while its dependency is unavailable, so each must bear it.
"""

from collections.abc import Sequence
from typing import Protocol

from shared.broker.records import Event, Record
from shared.errors import UndeliverableEvent


class AcknowledgementHook(Protocol):
    """Called after Kafka has acknowledged events, before their batch's offsets are committed."""

    async def save(self, events: Sequence[Event]) -> None:
        """Save what the acknowledged *events* complete. Raises DependencyUnavailable."""

    async def find_repairs(self, events: Sequence[Event]) -> list[Event]:
        """Events to send because *events* arrived too late. Raises DependencyUnavailable.

        Called again with what it returned, until it returns none, and with nothing after a batch or
        a periodic task without events. `save` does not see repairs.
        """


class DeadLetters(Protocol):
    """Where records go that a handler can never process, and events that Kafka can never take."""

    @property
    def topic(self) -> str:
        """Events for this topic count as rejected records, whoever made them."""

    async def keep(self, record: Record, error: Exception) -> Event | None:
        """Save *record* with the reason; returns the event that announces it.

        None if it is another attempt of work whose first failure was kept. Raises
        DependencyUnavailable.
        """

    async def keep_event(self, event: Event, error: UndeliverableEvent) -> None:
        """Save *event*, which cannot be sent, with the reason. Raises DependencyUnavailable."""
