"""A worker whose deliveries are as erratic as Kafka allows: batches come again, partitions come in another order."""

import os
import random
from collections import deque

from shared.broker import codec
from shared.broker.service import Service
from shared.broker.worker import Worker
from shared.settings import Settings
from shared.store import Store

SHARE = float(os.environ.get("SEEDWIRE_FAULTS_ERRATIC", "0.1"))  # of the batches
REMEMBERED = 3  # batches


class ErraticWorker(Worker):
    """One batch in ten comes after a repetition of the last ones, one in ten with its partitions interleaved anew."""

    def __init__(self, service: Service, settings: Settings, store: Store) -> None:
        super().__init__(service, settings, store)
        self._random = random.Random(os.environ.get("SEEDWIRE_FAILPOINTS_SEED"))
        self._lately: deque[codec.RawBatch] = deque(maxlen=REMEMBERED)

    async def _deliver(self, batch: codec.RawBatch) -> None:
        if self._lately and self._random.random() < SHARE:
            again = list(self._lately)[self._random.randrange(len(self._lately)) :]
            records = [codec.record(self._cluster, raw) for old in again for raw in old]
            await self._delivery.deliver(records)
        if self._random.random() < SHARE:
            batch = interleaved(batch, self._random)
        await super()._deliver(batch)
        self._lately.append(batch)


def interleaved(batch: codec.RawBatch, chance: random.Random) -> codec.RawBatch:
    """The records in another order, those of a partition in their own."""
    partitions = [raw.partition for raw in batch]
    chance.shuffle(partitions)
    queues: dict[int, deque] = {}
    for raw in batch:
        queues.setdefault(raw.partition, deque()).append(raw)
    return tuple(queues[partition].popleft() for partition in partitions)
