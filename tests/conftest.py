"""What tests share: the engines they run on, and service processes started for real."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.embedded.broker import Tansu
from shared.settings import Settings
from tests.engines.fetch import available
from tests.real_engines import (
    apache_kafka,
    kafka_address,
    mongo_stand_in,
    real_store,
    store_address,
)

__all__ = ["ROOT", "Processes", "apache_kafka", "embedded_broker", "mongo_stand_in", "start_kafka"]

ROOT = Path(__file__).parents[1]
ABOUT_NO_ENGINE = (ROOT / "tests" / "unit", ROOT / "tests" / "integration" / "images" / "hostile")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=("embedded", "real"),
        default="embedded",
        help="what tests run on: the embedded broker and SQLite (the default), or Apache Kafka and MongoDB",
    )


def pytest_configure(config: pytest.Config) -> None:
    if _real(config) and (missing := _missing()) is not None:
        raise pytest.UsageError(f"there are no real engines here: {missing}")
    if _real(config) and kafka_address() and config.getoption("numprocesses", None):
        raise pytest.UsageError(
            "SEEDWIRE_TEST_KAFKA names one cluster, which tests empty: run them one after another"
        )


def pytest_report_header(config: pytest.Config) -> str:
    if not _real(config):
        return "engines: the embedded broker and SQLite"
    kafka = kafka_address() or "Apache Kafka of tests/engines"
    return f"engines: {kafka}, {store_address() or 'mongo-java-server in the place of MongoDB'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each test runs on the engines it says something about; the rest says nothing new and is left out."""
    left_out = [item for item in items if _says_nothing_here(item, _real(config))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _says_nothing_here(item: pytest.Item, real: bool) -> bool:
    if not real:
        return item.get_closest_marker("real") is not None
    return item.get_closest_marker("embedded") is not None or any(
        map(item.path.is_relative_to, ABOUT_NO_ENGINE)
    )


def _real(config: pytest.Config) -> bool:
    return bool(config.getoption("--engines") == "real")


def _missing() -> str | None:
    """What keeps us from starting an engine that the environment does not name."""
    return None if kafka_address() and store_address() else available()


@pytest.fixture(scope="session")
def on_real_engines(pytestconfig: pytest.Config) -> bool:
    return _real(pytestconfig)


def start_kafka(real: bool, folder: Path) -> AbstractContextManager[dict[str, str]]:
    """A new broker (or the one that the environment names, with our topics deleted); gives the settings for it."""
    return apache_kafka(folder) if real else embedded_broker(folder)


@pytest.fixture(scope="session")
def kafka(
    on_real_engines: bool, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The settings of a running broker that tests share."""
    with start_kafka(on_real_engines, tmp_path_factory.mktemp("kafka")) as settings:
        yield settings


@contextmanager
def embedded_broker(folder: Path) -> Iterator[dict[str, str]]:
    with Tansu(folder) as broker:
        yield {"SEEDWIRE_KAFKA": broker.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a MongoDB, or of what stands in for it, without the name of a database."""
    with real_store(tmp_path_factory.mktemp("mongo")) as address:
        yield address


@pytest.fixture
def new_store(on_real_engines: bool, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store of this test alone."""
    if not on_real_engines:
        return f"sqlite:///{tmp_path / 'seedwire.db'}"
    return f"{request.getfixturevalue('mongo')}/test-{os.urandom(6).hex()}"


@dataclass
class Processes:
    """Services as processes of their own, over one store and one broker."""

    folder: Path
    environment: dict[str, str]
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> Settings:
        names = {
            name.removeprefix("SEEDWIRE_").lower(): value
            for name, value in self.environment.items()
        }
        return Settings(**names)  # type: ignore[arg-type]

    def start(self, module: str, instance: str = "1", **settings: str) -> subprocess.Popen[bytes]:
        """`python -m MODULE`, logging into the folder; killed at the end of the test if it still runs."""
        log = self._stack.enter_context((self.folder / f"{module}-{instance}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            env={**os.environ, **self.environment, "SEEDWIRE_INSTANCE": instance, **settings},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def seedwire(
        self, *arguments: str, timeout: float = 300, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run the command with the services' settings; its output as text."""
        command = [sys.executable, "-m", "services.console", *arguments]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert not (check and done.returncode), (
            f"{arguments[0]}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def processes(kafka: dict[str, str], new_store: str, tmp_path: Path) -> Iterator[Processes]:
    """Service processes on *kafka* and a store of their own."""
    environment = {
        "SEEDWIRE_HOME": str(tmp_path),
        "SEEDWIRE_STORE": new_store,
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
        "SEEDWIRE_PAGES": "off",  # seeds of tests name pages of the open web
        **kafka,
    }
    started = Processes(tmp_path, environment)
    yield started
    started.close()
