"""Drops seeds into the topic `seeds` and reads their receipts."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import KafkaError

from services.console.actions.receipts import Receipt
from services.console.actions.seed_files import SeedFile, encode_path
from shared.broker.connection import (
    fetch_cluster_id,
    list_partitions,
    open_producer,
    open_reader,
    seek_to_end,
)
from shared.broker.error_classes import UNENCODABLE, describe_error, translate_error
from shared.broker.topic_creation import create_missing_topics
from shared.budgets import MAX_SEED_BYTES
from shared.errors import KafkaUnavailable, UndeliverableEvent
from shared.events.topics import RECEIPTS, SEEDS, load_topics
from shared.settings import Settings

MAX_IN_FLIGHT: Final = 500  # sends: enough to fill batches, few enough to hold in memory
POLL_MS: Final = 200

Advance = Callable[[], object]
"""Called once for each drop that was acknowledged, or answered."""


def ignore_progress() -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Position:
    """Where Kafka keeps a drop."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Sent:
    """A drop that Kafka acknowledged, with its position; or that was not sent, with its receipt."""

    seed: SeedFile
    position: Position | None = None
    receipt: Receipt | None = None


class SeedDropper:
    """Sends seeds and reads what ingest answers. Dropping a seed again does no harm.

    *cluster* is the id of the cluster that the seeds go to. A cluster that is created again counts
    its offsets from 0, so its receipts are about other drops.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        receipts: AIOKafkaConsumer,
        cluster: str,
        fetch_current_cluster: Callable[[], Awaitable[str]],
    ) -> None:
        self._producer = producer
        self._receipts = receipts
        self._cluster = cluster
        self._fetch_current_cluster = fetch_current_cluster
        self._answers: dict[Position, Receipt] = {}

    async def send(
        self, seeds: Iterable[SeedFile], advance: Advance = ignore_progress
    ) -> list[Sent]:
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
        missing = positions - self._answers.keys()
        deadline = time.monotonic() + timeout
        while missing and time.monotonic() < deadline:
            await self._read_receipts()
            for _ in missing & self._answers.keys():
                advance()
                deadline = time.monotonic() + timeout
            missing = positions - self._answers.keys()
        if missing and await self._fetch_current_cluster() != self._cluster:
            raise _lost_drops(len(missing))
        return [self._receipt_of(drop) for drop in drops]

    async def _send(self, seed: SeedFile, advance: Advance) -> Sent:
        headers = [("path", encode_path(seed.path))]
        try:
            acknowledgement = await self._producer.send(
                SEEDS, seed.content, key=seed.key, headers=headers
            )
            metadata = await acknowledgement
        except (KafkaError, *UNENCODABLE) as error:
            sentence = f"Kafka did not acknowledge {seed.path}; it is safe to drop it again"
            problem = translate_error(error, sentence)
            if isinstance(problem, UndeliverableEvent):
                return Sent(seed, receipt=_reject_unsent(seed, error))
            raise problem from error
        advance()
        return Sent(seed, Position(metadata.partition, metadata.offset))

    async def _read_receipts(self) -> None:
        batches = await self._receipts.getmany(timeout_ms=POLL_MS)
        for records in batches.values():
            for record in records:
                self._read_receipt(record)

    def _read_receipt(self, record: ConsumerRecord[bytes, bytes]) -> None:
        """Note the receipt, unless it answers a drop into another cluster."""
        data = json.loads(record.value or b"")
        position = Position(data["seed"]["partition"], data["seed"]["offset"])
        if dict(record.headers).get("ce_id") != self._receipt_id(position):
            return
        self._answers[position] = Receipt(
            path=data["path"] or "",
            status=data["status"],
            article_id=data["articleId"],
            errors=tuple(data["errors"]),
            warnings=tuple(data.get("warnings", ())),
        )

    def _receipt_id(self, position: Position) -> bytes:
        """The event id of the receipt for a drop into our cluster."""
        place = f"{self._cluster}/{SEEDS}/{position.partition}/{position.offset}"
        return f"receipt.{place}".encode()

    def _receipt_of(self, drop: Sent) -> Receipt:
        if drop.receipt is not None:
            return drop.receipt
        answer = self._answers.get(drop.position) if drop.position is not None else None
        if answer is None:
            return Receipt(drop.seed.path, "sent")
        return replace(answer, path=drop.seed.path)


@asynccontextmanager
async def open_dropper(settings: Settings) -> AsyncIterator[SeedDropper]:
    """A dropper that reads every receipt from now on. Creates missing topics.

    Raises KafkaUnavailable.
    """
    await create_missing_topics(settings, load_topics())
    cluster = await fetch_cluster_id(settings)
    async with AsyncExitStack() as stack:
        receipts = await stack.enter_async_context(open_reader(settings))
        receipts.assign(await list_partitions(settings, RECEIPTS))
        await seek_to_end(receipts)
        producer = await stack.enter_async_context(open_producer(settings))
        yield SeedDropper(producer, receipts, cluster, lambda: fetch_cluster_id(settings))


def _lost_drops(count: int) -> KafkaUnavailable:
    return KafkaUnavailable(
        f"the Kafka cluster was created again, and {count} unanswered drops were lost with the old "
        "one: drop them again; that does no harm to those that were not lost"
    )


def _reject_unsent(seed: SeedFile, refusal: Exception) -> Receipt:
    """The receipt of a seed that Kafka will never take."""
    size = len(seed.content)
    message = f"Kafka does not take this record: {describe_error(refusal)}."
    if size > MAX_SEED_BYTES:
        message = f"Expected at most {MAX_SEED_BYTES:,} bytes, found {size:,}."
    error = {"field": "file", "line": None, "message": message}
    return Receipt(seed.path, "rejected", errors=(error,))
