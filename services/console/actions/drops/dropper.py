"""Drops seeds into the topic `seeds` and reads their receipts."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

from aiokafka import AIOKafkaProducer

from shared.broker.network.connection import fetch_cluster_id
from shared.drops.connection import lost_drops, open_drop_connection
from shared.drops.receipt import Receipt
from shared.drops.receipt_inbox import ReceiptInbox
from shared.drops.seed import Seed, Sent
from shared.drops.seed_sender import send_seed
from shared.settings import Settings

MAX_IN_FLIGHT: Final = 500  # sends: enough to fill batches, few enough to hold in memory
POLL_MS: Final = 200

Advance = Callable[[], object]
"""Called once for each drop that was acknowledged, or answered."""


def ignore_progress() -> None:
    """Progress that nobody watches."""


class SeedDropper:
    """Sends seeds and reads what ingest answers. Dropping a seed again does no harm.

    *cluster* is the id of the cluster that the seeds go to.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        inbox: ReceiptInbox,
        cluster: str,
        fetch_current_cluster: Callable[[], Awaitable[str]],
    ) -> None:
        self._producer = producer
        self._inbox = inbox
        self._cluster = cluster
        self._fetch_current_cluster = fetch_current_cluster

    async def send(self, seeds: Iterable[Seed], advance: Advance = ignore_progress) -> list[Sent]:
        """Send the seeds in this order and wait until Kafka acknowledged all of them.

        Raises KafkaUnavailable; some of them may then have been sent.
        """
        sent: list[Sent] = []
        in_flight: list[asyncio.Task[Sent]] = []
        for seed in seeds:
            in_flight.append(asyncio.create_task(self._send(seed, advance)))
            if len(in_flight) == MAX_IN_FLIGHT:
                sent += await asyncio.gather(*in_flight)
                in_flight.clear()
        sent += await asyncio.gather(*in_flight)
        return sent

    async def wait_for_receipts(
        self, sent: Iterable[Sent], timeout: float, advance: Advance = ignore_progress
    ) -> list[Receipt]:
        """The receipt of each drop, in their order; `sent` for those that were not answered.

        Waits as long as receipts come in, and *timeout* seconds after the last one. Raises
        KafkaUnavailable if the cluster was created again meanwhile: unanswered drops are then lost.
        """
        drops = list(sent)
        positions = {drop.position for drop in drops if drop.position is not None}
        missing = positions - self._inbox.positions
        deadline = time.monotonic() + timeout
        while missing and time.monotonic() < deadline:
            answered = missing.intersection(await self._inbox.read(POLL_MS))
            for _ in answered:
                advance()
                deadline = time.monotonic() + timeout
            missing -= answered
        if missing and await self._fetch_current_cluster() != self._cluster:
            raise lost_drops(len(missing))
        return [self._receipt_of(drop) for drop in drops]

    async def _send(self, seed: Seed, advance: Advance) -> Sent:
        sent = await send_seed(self._producer, seed)
        if sent.position is not None:
            advance()
        return sent

    def _receipt_of(self, drop: Sent) -> Receipt:
        if drop.receipt is not None:
            return drop.receipt
        answer = self._inbox.get(drop.position) if drop.position is not None else None
        if answer is None:
            return Receipt(drop.seed.path, "sent")
        return replace(answer, path=drop.seed.path)


@asynccontextmanager
async def open_dropper(settings: Settings) -> AsyncIterator[SeedDropper]:
    """A dropper that reads every receipt from now on. Creates missing topics.

    Raises KafkaUnavailable.
    """
    async with open_drop_connection(settings) as connection:
        yield SeedDropper(
            connection.producer,
            connection.inbox,
            connection.cluster,
            lambda: fetch_cluster_id(settings),
        )
