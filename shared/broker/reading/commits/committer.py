"""Commits the offsets of batches, unless the group has rebalanced meanwhile."""

import logging
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.broker.offsets.lag import LagMonitor
from shared.broker.reading.commits.spans import Spans, describe_spans
from shared.broker.reading.polling.membership import Membership
from shared.broker.reading.polling.poll import RawBatch
from shared.errors import ProcessingHalted

log = logging.getLogger(__name__)

# In a row. So many mean that two live processes fight over one instance id, which never ends.
MAX_COMMIT_FAILURES: Final = 20

Offsets = dict[TopicPartition, int]


@dataclass(frozen=True)
class Commit:
    """What is committed after a batch: *offsets*, or nothing where another part of it follows.

    It is left out if the group has rebalanced more often than *rebalances*; then Kafka delivers
    *spans*, which is the whole batch, again.
    """

    offsets: Offsets
    rebalances: int
    spans: Spans


class Committer:
    """Commits as long as *membership* lasts; *lag* hears of it."""

    def __init__(self, membership: Membership, lag: LagMonitor) -> None:
        self._membership = membership
        self._lag = lag
        self._failures = 0

    async def commit(self, commit: Commit, client: AIOKafkaConsumer) -> None:
        """Raises ProcessingHalted once Kafka has refused too many in a row."""
        if commit.rebalances != self._membership.rebalances:
            # Kafka delivers the batch again, here or elsewhere. Where another process has already
            # gone further, our commit would set it back.
            return
        try:
            await client.commit(commit.offsets)
        except KafkaError as error:
            self._count_failure(commit, error)
        else:
            self._failures = 0
            self._lag.note_commit(commit.offsets)

    def _count_failure(self, commit: Commit, error: KafkaError) -> None:
        """The batch is handled, but Kafka will deliver it again; handlers bear that."""
        self._failures += 1
        log_repeats(commit.spans)
        log.warning("offsets were not committed, the batch will be repeated: %r", error)
        if self._failures >= MAX_COMMIT_FAILURES:
            raise ProcessingHalted(
                f"offsets could not be committed {MAX_COMMIT_FAILURES} times: "
                "do two processes use the same instance id?"
            )


def log_repeats(spans: Spans) -> None:
    """Say which records may come twice: whoever looks for the reason of a repeat finds it."""
    if spans:
        log.info("not committed, so that Kafka delivers it again: %s", describe_spans(spans))


def find_next_offsets(batch: RawBatch) -> Offsets:
    """The offset after the last record of each partition in *batch*."""
    offsets: Offsets = {}
    for raw in batch:
        partition = TopicPartition(raw.topic, raw.partition)
        offsets[partition] = max(raw.offset + 1, offsets.get(partition, 0))
    return offsets
