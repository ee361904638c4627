"""What tests share: the engines there are, and service processes started for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.engines.fetch import available, fetch
from deploy.engines.kafka import KafkaCluster
from deploy.engines.mongo import MongoStandIn
from deploy.engines.tansu import Tansu
from shared.settings import Settings

ROOT = Path(__file__).parents[1]


def pytest_report_header() -> str:
    missing = available()
    real = "Apache Kafka and mongo-java-server too" if missing is None else f"the embedded ones alone ({missing})"
    return f"engines: {real}"


@pytest.fixture(scope="session", params=["embedded", "apache-kafka"])
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a running broker, one engine after the other."""
    start = embedded_broker if request.param == "embedded" else apache_kafka
    with start(tmp_path_factory.mktemp(request.param)) as settings:
        yield settings


@contextmanager
def embedded_broker(folder: Path) -> Iterator[dict[str, str]]:
    with Tansu(folder) as broker:
        yield {"SEEDWIRE_KAFKA": broker.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}


@contextmanager
def apache_kafka(folder: Path) -> Iterator[dict[str, str]]:
    if (missing := available()) is not None:
        pytest.skip(f"no Apache Kafka here: {missing}")
    with KafkaCluster(fetch(), folder) as cluster:
        yield {"SEEDWIRE_KAFKA": cluster.bootstrap}


@contextmanager
def mongo_stand_in(folder: Path) -> Iterator[dict[str, str]]:
    if (missing := available()) is not None:
        pytest.skip(f"no stand-in for MongoDB here: {missing}")
    with MongoStandIn(fetch(), folder) as mongo:
        yield {"SEEDWIRE_STORE": f"{mongo.uri}/seedwire"}


@dataclass
class Processes:
    """Services as processes of their own, over one store and one broker."""

    folder: Path
    environment: dict[str, str]
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> Settings:
        names = {name.removeprefix("SEEDWIRE_").lower(): value for name, value in self.environment.items()}
        return Settings(**names)  # type: ignore[arg-type]

    def start(self, module: str, instance: str = "1") -> subprocess.Popen[bytes]:
        """`python -m MODULE`, logging into the folder; killed at the end of the test if it still runs."""
        log = self._stack.enter_context((self.folder / f"{module}-{instance}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **self.environment, "SEEDWIRE_INSTANCE": instance},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def seedwire(self, *arguments: str, timeout: float = 300, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the command with the services' settings; its output as text."""
        command = [sys.executable, "-m", "services.console", *arguments]
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=check
        )

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def processes(kafka: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """Service processes on *kafka* and a store of their own."""
    environment = {
        "SEEDWIRE_HOME": str(tmp_path),
        "SEEDWIRE_STORE": f"sqlite:///{tmp_path / 'seedwire.db'}",
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
        "SEEDWIRE_PAGES": "off",  # seeds of tests name pages of the open web
        **kafka,
    }
    started = Processes(tmp_path, environment)
    yield started
    started.close()
