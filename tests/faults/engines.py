"""The engines of a fault run, each behind a proxy: the embedded pair, or Apache Kafka and a MongoDB stand-in."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from deploy.embedded.broker import Tansu
from services.console.supervisor.state_dir import Home, write
from tests.engines.fetch import fetch
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn
from tests.faults.proxy import Proxy

Kind = Literal["embedded", "real"]


@dataclass
class Engines:
    """Where they are, and what can be done to them. *store* is the way around the proxy, for the harness itself."""

    kind: Kind
    kafka: Proxy
    mongo: Proxy | None
    broker: Tansu | KafkaCluster
    store: str
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """For services: everything through the proxies."""
        kafka = (
            {"SEEDWIRE_KAFKA": self.kafka.address} if self.kind == "real" else {}
        )  # else: see `engines`
        return {"SEEDWIRE_STORE": self._proxied_store, **kafka}

    @property
    def _proxied_store(self) -> str:
        return f"mongodb://{self.mongo.address}/seedwire" if self.mongo else self.store

    @property
    def proxies(self) -> list[Proxy]:
        return [self.kafka, self.mongo] if self.mongo else [self.kafka]

    @property
    def forgets(self) -> bool:
        """Whether a broker that dies takes its topics with it."""
        return isinstance(self.broker, Tansu)

    @property
    def session_seconds(self) -> float:
        """A group of the embedded broker takes its time to form: on a busy machine short sessions end before."""
        return 6.0 if self.forgets else 2.0

    def kill_broker(self) -> None:
        self.broker.kill()

    async def start_broker(self) -> None:
        """Returns when it is ready. Apache Kafka takes up its data again; the embedded broker begins anew."""
        if isinstance(self.broker, KafkaCluster):
            self.broker.start_node(1)  # on this thread: engines die with the one that started them
            await asyncio.to_thread(self.broker.wait_ready)
        else:
            self.broker.start()
            self.kafka.upstream = _port(self.broker.bootstrap)

    async def hold_store(self, seconds: float) -> None:
        """Nobody else gets at the store for so long: a lock on the file, or a cut to MongoDB."""
        if self.mongo:
            self.mongo.be("cut")
            await asyncio.sleep(seconds)
            self.mongo.heal()
            return
        file = self.store.removeprefix("sqlite:///").partition("?")[0]
        lock = sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)
        try:
            await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            lock.execute("ROLLBACK")
        finally:
            lock.close()


@asynccontextmanager
async def engines(kind: Kind, folder: Path) -> AsyncIterator[Engines]:
    """Engines that are ready, and gone afterwards. Must run on the main thread: engines die with it."""
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(Proxy())
        sync = stack.enter_context(ExitStack())
        if kind == "embedded":
            broker: Any = sync.enter_context(Tansu(folder / "broker", advertised=proxy.address))
            home = Home(folder)
            home.make()
            write(home.kafka, proxy.address)  # as `seedwire up` does
            store, mongo = f"sqlite:///{folder / 'seedwire.db'}?synchronous=normal", None
        else:
            libs = fetch()
            extra = {"advertised.listeners": f"PLAINTEXT://{proxy.address}"}
            broker = sync.enter_context(KafkaCluster(libs, folder / "kafka", extra=extra))
            stand_in = sync.enter_context(MongoStandIn(libs, folder / "mongo"))
            mongo = await stack.enter_async_context(Proxy())
            mongo.upstream = _port(stand_in.uri)
            store = f"{stand_in.uri}/seedwire"
        proxy.upstream = _port(broker.bootstrap)
        yield Engines(kind, proxy, mongo, broker, store, folder)


def _port(address: str) -> int:
    return int(address.rsplit(":", 1)[1])
