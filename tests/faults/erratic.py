"""A worker whose deliveries are as erratic as Kafka allows: batches come again, partitions come in another order."""

import asyncio
import os
import random
from collections import deque
from collections.abc import Sequence
from typing import Any

from shared.broker.consumer import Consumer, Offsets
from shared.broker.delivery import Delivery
from shared.broker.records import Record
from shared.runtime.service import Input
from shared.runtime.worker import Worker

SHARE = float(os.environ.get("SEEDWIRE_FAULTS_ERRATIC", "0.1"))  # of the batches
REMEMBERED = 3  # batches


class ErraticConsumer(Consumer):
    """One batch in ten comes after a repetition of the last ones, one in ten with its partitions interleaved anew."""

    def __init__(self, *collaborators: Any) -> None:
        super().__init__(*collaborators)
        self._random = random.Random(os.environ.get("SEEDWIRE_FAILPOINTS_SEED"))
        self._lately: deque[Sequence[Record]] = deque(maxlen=REMEMBERED)

    async def _deliver(
        self, records: Sequence[Record], offsets: Offsets, before: asyncio.Task[bool] | None
    ) -> bool:
        if self._lately and self._random.random() < SHARE:
            again = list(self._lately)[self._random.randrange(len(self._lately)) :]
            await self._delivery.deliver([record for old in again for record in old])
        if self._random.random() < SHARE:
            records = interleaved(records, self._random)
        may_pass = await super()._deliver(records, offsets, before)
        self._lately.append(records)
        return may_pass


class ErraticWorker(Worker):
    """A worker with erratic deliveries on each of its inputs."""

    consumer: type[Consumer] = ErraticConsumer

    def _consumer(self, source: Input, delivery: Delivery) -> Consumer:
        return self.consumer(source, delivery, self._settings, self._cluster, self._stop_if_failed)


def interleaved(records: Sequence[Record], chance: random.Random) -> list[Record]:
    """The records in another order, those of a partition in their own."""
    partitions = [record.partition for record in records]
    chance.shuffle(partitions)
    queues: dict[int, deque[Record]] = {}
    for record in records:
        queues.setdefault(record.partition, deque()).append(record)
    return [queues[partition].popleft() for partition in partitions]
