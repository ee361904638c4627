"""Drops seeds into the topic and reads their receipts: what `drop`, `watch` and `demo` have in common."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from services.console.actions.seed_files import SeedFile
from shared.broker.connection import cluster_id, partitions, producer, reader, skip_to_end
from shared.broker.topics import RECEIPTS, SEEDS, declared, ensure
from shared.errors import BrokerAway
from shared.settings import Settings

AT_ONCE = 500  # sends in flight: enough to fill batches, few enough to hold in memory


@dataclass(frozen=True)
class Receipt:
    """What became of one drop, in the shape that `drop --json` prints. *status* is `sent` while none has come."""

    path: str
    status: str
    article_id: str | None = None
    errors: tuple[dict[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "status": self.status,
            "articleId": self.article_id,
            "errors": list(self.errors),
        }


Position = tuple[int, int]  # partition and offset of a drop
Sent = tuple[SeedFile, Position | Receipt]  # where it stands, or why it was never sent


class Dropper:
    """Sends seeds, and hears what ingest says of them. Raises BrokerAway; a drop that is repeated does no harm.

    *cluster* is the one that the seeds go to. One that is made anew counts its offsets from 0 again: what it says of
    an offset is of another drop.
    """

    def __init__(
        self,
        client: AIOKafkaProducer,
        receipts: AIOKafkaConsumer,
        cluster: str,
        present_cluster: Callable[[], Awaitable[str]],
    ) -> None:
        self._producer = client
        self._receipts = receipts
        self._cluster = cluster
        self._present_cluster = present_cluster
        self._heard: dict[Position, Receipt] = {}

    async def send(
        self, seeds: Iterable[SeedFile], advance: Callable[[], object] = lambda: None
    ) -> list[Sent]:
        """Send in this order; returns once Kafka has acknowledged all. *advance* is called for each."""
        sent: list[Sent] = []
        window: list[tuple[SeedFile, asyncio.Task[Position | Receipt]]] = []
        for seed in seeds:
            window.append((seed, asyncio.create_task(self._send(seed, advance))))
            if len(window) == AT_ONCE:
                sent += [(one, await task) for one, task in window]
                window.clear()
        return sent + [(one, await task) for one, task in window]

    async def receipts(
        self, sent: Iterable[Sent], patience: float, advance: Callable[[], object] = lambda: None
    ) -> list[Receipt]:
        """The receipt of each, in their order; `sent` for those that were not answered.

        Waits as long as receipts come in, and *patience* seconds after the last one. Raises BrokerAway when the
        cluster was made anew meanwhile: what is not answered is gone with the old one.
        """
        asked = list(sent)
        wanted = {place for _, place in asked if not isinstance(place, Receipt)}
        until = time.monotonic() + patience
        while (missing := wanted - self._heard.keys()) and time.monotonic() < until:
            await self._listen()
            for _ in missing & self._heard.keys():
                advance()
                until = time.monotonic() + patience
        if missing and await self._present_cluster() != self._cluster:
            raise _made_anew(len(missing))
        return [self._receipt(seed, place) for seed, place in asked]

    async def _send(self, seed: SeedFile, advance: Callable[[], object]) -> Position | Receipt:
        path = seed.path.encode(errors="surrogateescape")
        try:
            acknowledged = await self._producer.send(
                SEEDS, seed.content, key=seed.key, headers=[("path", path)]
            )
            metadata = await acknowledged
        except MessageSizeTooLargeError:
            return _too_large(seed)
        except KafkaError as error:
            raise BrokerAway(
                f"Kafka did not take {seed.path}: {error!r}; drop it again, that does no harm"
            ) from error
        advance()
        return metadata.partition, metadata.offset

    async def _listen(self) -> None:
        for records in (await self._receipts.getmany(timeout_ms=200)).values():
            for record in records:
                said = json.loads(record.value)
                place = (said["seed"]["partition"], said["seed"]["offset"])
                if dict(record.headers).get("ce_id") == self._receipt_id(*place):
                    self._heard[place] = Receipt(
                        said["path"] or "", said["status"], said["articleId"], tuple(said["errors"])
                    )

    def _receipt_id(self, partition: int, offset: int) -> bytes:
        """What the receipt of a drop into our cluster is called."""
        return f"receipt.{self._cluster}/{SEEDS}/{partition}/{offset}".encode()

    def _receipt(self, seed: SeedFile, place: Position | Receipt) -> Receipt:
        if isinstance(place, Receipt):
            return place
        heard = self._heard.get(place)
        if heard is None:
            return Receipt(seed.path, "sent")
        return Receipt(seed.path, heard.status, heard.article_id, heard.errors)


@asynccontextmanager
async def dropper(settings: Settings) -> AsyncIterator[Dropper]:
    """A dropper that hears every receipt written from now on. Makes the topics if they are not there."""
    await ensure(settings, declared())
    cluster = await cluster_id(settings)
    async with AsyncExitStack() as stack:
        receipts = await stack.enter_async_context(reader(settings))
        receipts.assign(await partitions(settings, RECEIPTS))
        await skip_to_end(receipts)
        client = await stack.enter_async_context(producer(settings))
        yield Dropper(client, receipts, cluster, lambda: cluster_id(settings))


def _made_anew(missing: int) -> BrokerAway:
    return BrokerAway(
        f"Kafka was made anew, and {missing} drops that were not answered are gone with the old one; drop them again, "
        "that does no harm"
    )


def _too_large(seed: SeedFile) -> Receipt:
    message = (
        f"The file has {len(seed.content):,} bytes: more than Kafka takes. A seed may have 1 MiB."
    )
    return Receipt(
        seed.path, "rejected", errors=({"field": "file", "line": None, "message": message},)
    )
