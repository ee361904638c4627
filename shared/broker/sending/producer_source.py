"""The producer of a process, and another one once Kafka and it no longer agree."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from shared.broker.network.connection import producer_options, start_producer
from shared.settings import Settings

log = logging.getLogger(__name__)


class ProducerSource:
    """Holds the current producer. See `shared.broker.errors.error_table.LOST_PLACE` for why.

    Only idempotent producers lose their place, so others are never replaced.
    """

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._current = producer
        self._can_lose_place = bool(producer_options(settings)["enable_idempotence"])
        self._stopping: set[asyncio.Task[Any]] = set()

    @property
    def current(self) -> AIOKafkaProducer:
        return self._current

    async def replace(self, broken: AIOKafkaProducer) -> None:
        """Open another producer, unless somebody else has done so. Raises KafkaUnavailable.

        The broken one is stopped once what it still has to send was acknowledged, or failed.
        """
        if not self._can_lose_place or self._current is not broken:
            return
        another = await start_producer(self._settings)
        if self._current is not broken:
            await another.stop()
            return
        log.warning("the producer is replaced: Kafka refused one of its batches")
        self._current = another
        task = asyncio.create_task(broken.stop())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def stop(self) -> None:
        """Stop every producer."""
        await self._current.stop()
        await asyncio.gather(*self._stopping, return_exceptions=True)


@asynccontextmanager
async def open_producer_source(settings: Settings) -> AsyncIterator[ProducerSource]:
    """A source with its first producer. Raises KafkaUnavailable."""
    source = ProducerSource(settings, await start_producer(settings))
    try:
        yield source
    finally:
        await source.stop()
