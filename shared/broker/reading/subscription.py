"""One topic that a process consumes, in a consumer group of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.broker.records import Record


def _is_never_slow(_: Record) -> bool:
    return False


@dataclass(frozen=True)
class Subscription:
    """A topic and its consumer group, `seedwire.<name>`."""

    name: str
    topic: str
    max_in_flight: int = 1
    """Maximum records in flight; polling pauses above it.

    With 1, a batch begins when the one before it is delivered. With more, batches are handled side
    by side, so that a slow record does not hold up the records behind it. They are committed in
    order, and the handler must bear two of its batches at once. Records that are done and only wait
    for their turn to be committed do not count, up to ten times this number.
    """
    is_slow: Callable[[Record], bool] = _is_never_slow
    """Records that may take much longer than others.

    They are handled beside the rest of their batch, whose events do not wait for them.
    """

    @property
    def group(self) -> str:
        return f"seedwire.{self.name}"

    def split(self, records: Sequence[Record]) -> list[list[Record]]:
        """The parts of a batch that are handled together; none is empty."""
        quick: list[Record] = []
        slow: list[Record] = []
        for record in records:
            part = slow if self.is_slow(record) else quick
            part.append(record)
        return [part for part in (quick, slow) if part]
