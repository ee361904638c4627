"""Drops the seeds of HTTP requests, and waits for the receipts of all of them with one reader.

The connection is made for the first seed, and made again after it broke: web serves readers while
Kafka is away.
"""

import asyncio
import contextlib
import logging
from typing import Final

from aiokafka.errors import KafkaError

from shared.broker.network.connection import fetch_cluster_id
from shared.concurrency.background import run_beside
from shared.drops.connection import DropConnection, lost_drops, open_drop_connection
from shared.drops.receipt import Receipt
from shared.drops.seed import Position, Seed, Sent
from shared.drops.seed_sender import send_seed
from shared.errors import KafkaUnavailable, SeedwireError
from shared.settings import Settings

CAPACITY: Final = 10_000  # receipts that can be asked for later
POLL_MS: Final = 200
OPEN_SECONDS: Final = 8.0  # of connecting, and of a send; a running Kafka takes less than one

log = logging.getLogger(__name__)


class RequestDropper:
    """Sends seeds, and knows their receipts. Any number of requests may use it at once."""

    def __init__(self, settings: Settings, receipt_seconds: float) -> None:
        self._settings = settings
        self._receipt_seconds = receipt_seconds
        self._opening = asyncio.Lock()
        self._connection: DropConnection | None = None
        self._closing = contextlib.AsyncExitStack()
        self._waiting: dict[Position, asyncio.Event] = {}

    async def drop(self, seed: Seed) -> tuple[Sent, Receipt | None]:
        """Send *seed* and wait for its receipt; None if that does not come in time.

        Raises KafkaUnavailable. Dropping the seed again does no harm.
        """
        connection = await self._connect()
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                sent = await send_seed(connection.producer, seed)
        except (SeedwireError, TimeoutError) as error:
            await self._disconnect(connection)
            raise KafkaUnavailable("Kafka did not acknowledge the seed") from error
        if sent.position is None:
            return sent, sent.receipt
        return sent, await self._wait(connection, sent.position)

    def find_receipt(self, position: Position) -> Receipt | None:
        """The receipt of a drop, if this process has read it and still has it."""
        return self._connection.inbox.get(position) if self._connection else None

    def is_waiting(self, position: Position) -> bool:
        """Whether this process sent the drop and has read no receipt yet."""
        return position in self._waiting

    async def close(self) -> None:
        await self._closing.aclose()
        self._connection = None

    async def _wait(self, connection: DropConnection, position: Position) -> Receipt | None:
        if receipt := connection.inbox.get(position):
            return receipt  # read before the acknowledgement
        answered = self._waiting.setdefault(position, asyncio.Event())
        if len(self._waiting) > CAPACITY:  # ingest has answered nothing for long
            del self._waiting[next(iter(self._waiting))]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._receipt_seconds):
                await answered.wait()
        receipt = connection.inbox.get(position)
        if receipt is None:
            await self._check_cluster(connection)
        return receipt

    async def _check_cluster(self, connection: DropConnection) -> None:
        """Raises KafkaUnavailable if Kafka was created again, and the drop was lost with it."""
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                cluster = await fetch_cluster_id(self._settings)
        except (SeedwireError, TimeoutError) as error:
            raise KafkaUnavailable("Kafka went away before the seed was answered") from error
        if cluster != connection.cluster:
            await self._disconnect(connection)
            raise lost_drops(1)

    async def _connect(self) -> DropConnection:
        async with self._opening:
            if self._connection is None:
                self._connection = await self._open()
            return self._connection

    async def _open(self) -> DropConnection:
        opened = open_drop_connection(self._settings, CAPACITY)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                connection = await self._closing.enter_async_context(opened)
        except (SeedwireError, TimeoutError) as error:
            raise KafkaUnavailable("Kafka is not available") from error
        await self._closing.enter_async_context(run_beside(self._read(connection)))
        return connection

    async def _disconnect(self, connection: DropConnection) -> None:
        """Let the next seed make a new connection, unless another did so already."""
        async with self._opening:
            if self._connection is not connection:
                return
            self._connection = None
            self._waiting.clear()
            closing, self._closing = self._closing, contextlib.AsyncExitStack()
        await closing.aclose()

    async def _read(self, connection: DropConnection) -> None:
        """Read receipts, and wake whoever waits for them, until it is cancelled."""
        while True:
            try:
                answered = await connection.inbox.read(POLL_MS)
            except KafkaError as error:
                log.warning("receipts cannot be read: %s", type(error).__name__)
                await asyncio.sleep(POLL_MS / 1000)  # not to ask a broken connection all the time
                continue
            for position in answered:
                if event := self._waiting.pop(position, None):
                    event.set()
