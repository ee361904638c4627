"""A worker whose deliveries are as erratic as Kafka allows.

Batches come again, and the records of a batch come in another order across partitions.
"""

import asyncio
import os
import random
from collections import deque
from collections.abc import Sequence
from typing import Any

from shared.broker.reading.commits.committer import Commit
from shared.broker.reading.consumer import Consumer
from shared.broker.reading.delivery import Delivery
from shared.broker.records import Record
from shared.runtime.service import Input
from shared.runtime.worker import Worker

SHARE = float(os.environ.get("SEEDWIRE_FAULTS_ERRATIC", "0.1"))  # of the batches
REMEMBERED = 3  # batches that may be delivered again


class ErraticConsumer(Consumer):
    """Repeats recent batches before one batch in ten, and interleaves one in ten differently."""

    def __init__(self, *collaborators: Any) -> None:
        super().__init__(*collaborators)
        self._random = random.Random(os.environ.get("SEEDWIRE_FAILPOINTS_SEED"))
        self._recent: deque[Sequence[Record]] = deque(maxlen=REMEMBERED)

    async def _deliver(
        self, records: Sequence[Record], commit: Commit, previous: asyncio.Task[bool] | None
    ) -> bool:
        if self._recent and self._random.random() < SHARE:
            await self._repeat_recent_batches()
        if self._random.random() < SHARE:
            records = interleave_partitions(records, self._random)
        may_pass = await super()._deliver(records, commit, previous)
        self._recent.append(records)
        return may_pass

    async def _repeat_recent_batches(self) -> None:
        repeated: list[Record] = []
        first = self._random.randrange(len(self._recent))
        for batch in list(self._recent)[first:]:
            repeated += batch
        await self._delivery.deliver(repeated)


class ErraticWorker(Worker):
    """A worker that uses an erratic consumer for each of its inputs."""

    consumer_class: type[Consumer] = ErraticConsumer

    def _build_consumer(self, source: Input, delivery: Delivery) -> Consumer:
        return self.consumer_class(
            source, delivery, self._settings, self._cluster, self._stop_if_failed
        )


def interleave_partitions(records: Sequence[Record], chance: random.Random) -> list[Record]:
    """The records in another order; those of each partition stay in theirs."""
    partitions = [record.partition for record in records]
    chance.shuffle(partitions)
    queues: dict[int, deque[Record]] = {}
    for record in records:
        queues.setdefault(record.partition, deque()).append(record)
    return [queues[partition].popleft() for partition in partitions]
