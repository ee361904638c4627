"""The engines of a fault run, each behind a proxy.

They are the embedded broker and SQLite, or Apache Kafka and a stand-in for MongoDB.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from services.console.supervisor.state_dir import StateDir, write_atomically
from tests.engines.fetch import fetch_jars
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn
from tests.faults.system.proxy import TcpProxy

EngineKind = Literal["embedded", "real"]


@dataclass
class Engines:
    """Where the engines are, and what can be done to them.

    *store* bypasses the proxy; it is for the harness itself.
    """

    kind: EngineKind
    kafka: TcpProxy
    mongo: TcpProxy | None  # None: SQLite, which has no connection to disturb
    broker: EmbeddedBroker | KafkaCluster
    gateway: ClientGateway | None  # before the embedded broker
    store: str

    @property
    def settings(self) -> dict[str, str]:
        """The settings of services, which lead through the proxies."""
        if self.mongo is None:  # the embedded broker's address is in the state directory
            return {"SEEDWIRE_STORE": self.store}
        store = f"mongodb://{self.mongo.address}/seedwire"
        return {"SEEDWIRE_STORE": store, "SEEDWIRE_KAFKA": self.kafka.address}

    @property
    def proxies(self) -> list[TcpProxy]:
        return [self.kafka, self.mongo] if self.mongo else [self.kafka]

    @property
    def loses_topics(self) -> bool:
        """Whether a broker that dies takes its topics with it."""
        return isinstance(self.broker, EmbeddedBroker)

    @property
    def session_seconds(self) -> float:
        """The consumers' session timeout.

        A group of the embedded broker takes its time to form: on a busy machine, short sessions end
        before it has.
        """
        return 6.0 if self.loses_topics else 2.0

    def kill_broker(self) -> None:
        if self.gateway:
            self.gateway.kill()
        self.broker.kill()

    async def start_broker(self) -> None:
        """Returns when the broker is ready.

        Apache Kafka finds its data again; the embedded broker begins with empty topics.
        """
        if isinstance(self.broker, KafkaCluster):
            self.broker.start_node(
                1
            )  # on this thread: engines die with the thread that starts them
            await asyncio.to_thread(self.broker.wait_until_ready)
        else:
            assert self.gateway is not None
            self.broker.start()
            self.gateway.start()
            self.kafka.upstream = _port(self.gateway.bootstrap)

    async def block_store(self, seconds: float) -> None:
        """Keep everybody else away from the store for that long."""
        if self.mongo:
            self.mongo.set_mode("cut")
            await asyncio.sleep(seconds)
            self.mongo.heal()
        else:
            await _lock_database(self.store, seconds)


async def _lock_database(store: str, seconds: float) -> None:
    """Hold SQLite's write lock."""
    file = store.removeprefix("sqlite:///").partition("?")[0]
    connection = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
    try:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@asynccontextmanager
async def start_engines(kind: EngineKind, folder: Path) -> AsyncIterator[Engines]:
    """Yields engines that are ready, and stops them afterwards.

    Must run on the main thread: engines die with the thread that started them.
    """
    async with AsyncExitStack() as stack:
        start = _start_embedded if kind == "embedded" else _start_real
        yield await start(stack, folder)


async def _start_embedded(stack: AsyncExitStack, folder: Path) -> Engines:
    proxy = await stack.enter_async_context(TcpProxy())
    broker = stack.enter_context(EmbeddedBroker(folder / "broker"))
    gateway = ClientGateway(folder / "broker", broker, advertised=proxy.address)
    stack.enter_context(gateway)
    proxy.upstream = _port(gateway.bootstrap)
    state_dir = StateDir(folder)
    state_dir.create()
    write_atomically(state_dir.kafka_address_file, proxy.address)  # as `seedwire up` does
    store = f"sqlite:///{folder / 'seedwire.db'}?synchronous=normal"
    return Engines("embedded", proxy, None, broker, gateway, store)


async def _start_real(stack: AsyncExitStack, folder: Path) -> Engines:
    jars = fetch_jars()
    kafka_proxy = await stack.enter_async_context(TcpProxy())
    mongo_proxy = await stack.enter_async_context(TcpProxy())
    extra = {"advertised.listeners": f"PLAINTEXT://{kafka_proxy.address}"}
    broker = stack.enter_context(KafkaCluster(jars, folder / "kafka", extra=extra))
    mongo = stack.enter_context(MongoStandIn(jars, folder / "mongo"))
    kafka_proxy.upstream = _port(broker.bootstrap)
    mongo_proxy.upstream = _port(mongo.uri)
    return Engines("real", kafka_proxy, mongo_proxy, broker, None, f"{mongo.uri}/seedwire")


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])
