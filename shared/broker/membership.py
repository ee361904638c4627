"""Whether this process is in its consumer groups: only then does it work, however few partitions it got."""

import logging
import time
from collections.abc import Collection

from aiokafka import ConsumerRebalanceListener, TopicPartition

from shared.broker.progress import Progress

log = logging.getLogger(__name__)

JOIN_SECONDS = 45.0  # joining takes six seconds, and some more while others leave


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Told by the consumer of *group* of every rebalance; says in *progress* where it stands."""

    def __init__(self, progress: Progress, group: str = "") -> None:
        self._progress = progress
        self._group = group
        self._joined = False
        self.rebalances = 0  # how often its partitions were taken away
        self._until = time.monotonic() + JOIN_SECONDS

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """The batch in hand is finished here or repeated elsewhere: nothing to do but to say so."""
        self.rebalances += 1
        self._progress.is_revoked(self._group)

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._joined = True
        self._progress.is_assigned(self._group)

    def remind(self) -> None:
        """Call now and then: a process that waits for its group must not do so unseen."""
        if not self._joined and not self._progress.trouble and time.monotonic() > self._until:
            self._progress.trouble = f"not in its group after {JOIN_SECONDS:g} s"
            log.warning("%s", self._progress.trouble)
