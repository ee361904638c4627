"""What a delivery tells of its work as it goes: numbers alone, for whoever counts them."""

from typing import Final, Protocol


class DeliveryMeter(Protocol):
    """Counts the work of one delivery. Never blocks, never raises."""

    def count_records(self, handled: int, rejected: int) -> None:
        """So many records of a batch were handled, and so many rejected."""

    def count_events(self, sent: int, undelivered: int) -> None:
        """Kafka took so many events, and refused so many for good."""

    def observe_batch(self, seconds: float) -> None:
        """A batch took so long, from its records until its events were acknowledged."""


class Unmetered:
    """Counts nothing."""

    def count_records(self, handled: int, rejected: int) -> None:
        pass

    def count_events(self, sent: int, undelivered: int) -> None:
        pass

    def observe_batch(self, seconds: float) -> None:
        pass


UNMETERED: Final = Unmetered()
