"""A worker whose deliveries are as erratic as Kafka allows: batches come again, partitions come in another order."""

import asyncio
import os
import random
from collections import deque
from typing import Any

from shared.broker import codec
from shared.broker.consumer import Consumer
from shared.broker.delivery import Delivery
from shared.broker.service import Input
from shared.broker.worker import Worker

SHARE = float(os.environ.get("SEEDWIRE_FAULTS_ERRATIC", "0.1"))  # of the batches
REMEMBERED = 3  # batches


class ErraticConsumer(Consumer):
    """One batch in ten comes after a repetition of the last ones, one in ten with its partitions interleaved anew."""

    def __init__(self, *collaborators: Any) -> None:
        super().__init__(*collaborators)
        self._random = random.Random(os.environ.get("SEEDWIRE_FAILPOINTS_SEED"))
        self._lately: deque[codec.RawBatch] = deque(maxlen=REMEMBERED)

    async def _deliver(self, batch: codec.RawBatch, before: asyncio.Task[None] | None) -> None:
        if self._lately and self._random.random() < SHARE:
            again = list(self._lately)[self._random.randrange(len(self._lately)) :]
            await self._delivery.deliver([codec.record(self._cluster, raw) for old in again for raw in old])
        if self._random.random() < SHARE:
            batch = interleaved(batch, self._random)
        await super()._deliver(batch, before)
        self._lately.append(batch)


class ErraticWorker(Worker):
    """A worker with erratic deliveries on each of its inputs."""

    consumer: type[Consumer] = ErraticConsumer

    def _consumer(self, source: Input, delivery: Delivery) -> Consumer:
        return self.consumer(source, delivery, self._settings, self._cluster, self._stop_if_failed)


def interleaved(batch: codec.RawBatch, chance: random.Random) -> codec.RawBatch:
    """The records in another order, those of a partition in their own."""
    partitions = [raw.partition for raw in batch]
    chance.shuffle(partitions)
    queues: dict[int, deque] = {}
    for raw in batch:
        queues.setdefault(raw.partition, deque()).append(raw)
    return tuple(queues[partition].popleft() for partition in partitions)
