"""The consumers of a worker, one for each of its inputs, as one."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer
from faststream.kafka import KafkaBroker

from shared.broker.reading.consumer import Consumer
from shared.broker.reading.delivery import Delivery
from shared.broker.reading.faststream_adapter import build_security
from shared.runtime.service import Input
from shared.settings import Settings

# Where a broker no longer leads a partition whose first offset it is asked for, aiokafka asks it
# again and again, and learns who leads only with its next regular update: 5 minutes by default.
METADATA_MAX_AGE_MS: Final = 5_000


class Consumers:
    """There are none before `subscribe`, which builds each with *build*."""

    def __init__(self, settings: Settings, build: Callable[[Input, Delivery], Consumer]) -> None:
        self._settings = settings
        self._build = build
        self._consumers: list[Consumer] = []

    def subscribe(
        self, inputs: Sequence[Input], deliveries: Sequence[Delivery], addresses: list[str]
    ) -> KafkaBroker:
        """Build a consumer for each input, and the broker that will start them. Awaits nothing."""
        broker = KafkaBroker(
            addresses,
            security=build_security(self._settings),
            apply_types=False,
            allow_auto_create_topics=False,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            graceful_timeout=self._settings.grace_seconds,
            logger=None,
        )
        for source, delivery in zip(inputs, deliveries, strict=True):
            consumer = self._build(source, delivery)
            consumer.subscribe(broker)
            self._consumers.append(consumer)
        return broker

    def stop(self) -> None:
        """Take no further batch. Batches in flight go on."""
        for consumer in self._consumers:
            consumer.stop()

    async def finish(self) -> None:
        """Before the broker disconnects: take no further batch, and finish those in flight."""
        self.stop()
        await asyncio.gather(*(consumer.finish() for consumer in self._consumers))

    def check(self) -> None:
        """As `Consumer.check`, of each."""
        for consumer in self._consumers:
            consumer.check()

    def list_clients(self) -> list[AIOKafkaConsumer]:
        """None before the consumers have subscribed."""
        clients = [consumer.client for consumer in self._consumers]
        return [client for client in clients if client is not None]

    def measure_lag(self) -> int | None:
        """The lag over all inputs; None while that of an input is not known."""
        total: int | None = None
        for consumer in self._consumers:
            lag = consumer.lag()
            if lag is None:
                return None
            total = (total or 0) + lag
        return total
