"""The engines of a run: embedded ones, or Apache Kafka with SQLite or a stand-in for MongoDB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from services.console.supervisor.state_dir import StateDir, write_atomically
from shared.settings import Settings
from tests.bench.pipeline.harness.processes import read_cpu
from tests.engines.fetch import DEFAULT_TARGET, fetch_jars, find_missing_tools
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

EngineKind = Literal["embedded", "kafka", "stand-in"]
TITLES: Mapping[EngineKind, str] = {
    "embedded": "the embedded broker and SQLite",
    "kafka": "Apache Kafka and SQLite",
    "stand-in": "Apache Kafka and mongo-java-server in MongoDB's place",
}
HEAP = "1g"  # of the stand-in, which keeps everything in memory


@dataclass(frozen=True)
class Engines:
    """Engines that run. *environment* is what Seedwire's processes need to find them."""

    kind: EngineKind
    kafka: str
    store: str
    environment: Mapping[str, str]
    pids: Mapping[str, int]

    @property
    def settings(self) -> Settings:
        values: dict[str, str] = {}
        for name, value in self.environment.items():
            values[name.removeprefix("SEEDWIRE_").lower()] = value
        return Settings(**values)  # type: ignore[arg-type]

    def read_cpu(self) -> dict[str, float]:
        """Seconds of CPU of each engine."""
        return {name: read_cpu(pid) for name, pid in self.pids.items()}


def find_missing_engines() -> str | None:
    """Why there are no real engines here; None if there are. Fetches nothing."""
    if not any(DEFAULT_TARGET.glob("jars-*")):
        return "their jars are not fetched: `make engines`"
    return find_missing_tools()


@contextmanager
def start_engines(kind: EngineKind, folder: Path) -> Iterator[Engines]:
    """New engines without any content, stopped afterwards. Call it from the main thread."""
    folder.mkdir(parents=True, exist_ok=True)
    starts = {"embedded": _start_embedded, "kafka": _start_kafka, "stand-in": _start_stand_in}
    with starts[kind](folder) as engines:
        yield engines


@contextmanager
def _start_embedded(folder: Path) -> Iterator[Engines]:
    with (
        EmbeddedBroker(folder / "broker") as broker,
        ClientGateway(folder / "broker", broker) as gateway,
    ):
        state_dir = StateDir(folder / "home")
        state_dir.create()
        write_atomically(state_dir.kafka_address_file, gateway.bootstrap)  # as `seedwire up` does
        store = f"sqlite:///{folder / 'seedwire.db'}"
        environment = {"SEEDWIRE_HOME": str(state_dir.path), "SEEDWIRE_STORE": store}
        pids = {"broker": broker.pid or 0, "gateway": gateway.pid or 0}
        yield Engines("embedded", gateway.bootstrap, store, environment, pids)


@contextmanager
def _start_kafka(folder: Path) -> Iterator[Engines]:
    with KafkaCluster(fetch_jars(), folder / "kafka") as kafka:
        store = f"sqlite:///{folder / 'seedwire.db'}"
        environment = _build_environment(folder, kafka, store)
        yield Engines("kafka", kafka.bootstrap, store, environment, {"broker": kafka.pids[1] or 0})


@contextmanager
def _start_stand_in(folder: Path) -> Iterator[Engines]:
    jars = fetch_jars()
    with (
        KafkaCluster(jars, folder / "kafka") as kafka,
        MongoStandIn(jars, folder / "mongo", heap=HEAP) as mongo,
    ):
        store = f"{mongo.uri}/bench"
        pids = {"broker": kafka.pids[1] or 0, "store": mongo.pid or 0}
        environment = _build_environment(folder, kafka, store)
        yield Engines("stand-in", kafka.bootstrap, store, environment, pids)


def _build_environment(folder: Path, kafka: KafkaCluster, store: str) -> dict[str, str]:
    return {
        "SEEDWIRE_HOME": str(folder / "home"),
        "SEEDWIRE_STORE": store,
        "SEEDWIRE_KAFKA": kafka.bootstrap,
    }
