"""Whether this process is in its consumer groups: only then does it work, however few partitions it got."""

import logging
import time
from collections.abc import Collection

from aiokafka import ConsumerRebalanceListener, TopicPartition

from shared.broker.delivery import Progress

log = logging.getLogger(__name__)

JOIN_SECONDS = 45.0  # joining takes six seconds, and some more while others leave


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """Told by a consumer of every rebalance; says in *progress* when each had its first one, or that none comes."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._joined = False
        self._until = time.monotonic() + JOIN_SECONDS

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """The batch in hand is finished here or repeated elsewhere: nothing to do."""

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        if not self._joined:
            self._joined = True
            self._progress.joining -= 1
            if self._progress.state == "starting":
                self._progress.works()

    def remind(self) -> None:
        """Call now and then: a process that waits for its group must not do so unseen."""
        if not self._joined and not self._progress.note and time.monotonic() > self._until:
            self._progress.note = f"not in its group after {JOIN_SECONDS:g} s"
            log.warning("%s; with the embedded broker, `seedwire down` and `up` mend that", self._progress.note)
