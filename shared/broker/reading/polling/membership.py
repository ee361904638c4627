"""Whether this process is in its consumer group: only a member works, whatever its share."""

import logging
import time
from collections.abc import Callable, Collection
from typing import Final

from aiokafka import ConsumerRebalanceListener, TopicPartition

from shared.broker.reading.progress import Progress

log = logging.getLogger(__name__)

JOIN_SECONDS: Final = 45.0  # joining takes six seconds, and longer while other members leave


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Listens to the rebalances of *group*, and notes them in *progress*.

    *on_revoked* and *on_assigned* are called in the moment in which partitions are.
    """

    def __init__(
        self,
        progress: Progress,
        group: str = "",
        on_assigned: Callable[[], None] = lambda: None,
        on_revoked: Callable[[], None] = lambda: None,
    ) -> None:
        self._progress = progress
        self._group = group
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self._has_joined = False
        self._join_deadline = time.monotonic() + JOIN_SECONDS
        self.rebalances = 0
        """How often the partitions were revoked."""
        self.assignments = 0
        """How often partitions were assigned."""

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """The batch in flight is finished here or repeated elsewhere, so this only notes it."""
        self.rebalances += 1
        self._on_revoked()
        self._progress.mark_revoked(self._group)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._has_joined = True
        self.assignments += 1
        self._on_assigned()
        self._progress.mark_assigned(self._group)

    def warn_if_not_joined(self) -> None:
        """Call every second or so: a process that waits for its group must be noticed."""
        if self._has_joined or self._progress.trouble or time.monotonic() <= self._join_deadline:
            return
        self._progress.trouble = f"not in its consumer group after {JOIN_SECONDS:g} s"
        log.warning("%s", self._progress.trouble)
