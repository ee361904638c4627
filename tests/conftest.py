"""What tests share: the engines they run on, and service processes."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from shared.settings import Settings
from tests.engines.fetch import find_missing_tools
from tests.real_engines import (
    named_kafka,
    named_store,
    start_apache_kafka,
    start_mongo_stand_in,
    start_real_store,
)

__all__ = [
    "ROOT",
    "Processes",
    "start_apache_kafka",
    "start_embedded_broker",
    "start_kafka",
    "start_mongo_stand_in",
]

ROOT = Path(__file__).parents[1]
LOGGED_LINES = 20  # of each process, shown with a test that failed
MUST_BE_ASKED_FOR = {
    "--browser": ROOT / "tests" / "browser",
    "--clients": ROOT / "tests" / "clients",
    "--deploy": ROOT / "tests" / "deploy",
    "--hosts": ROOT / "tests" / "hosts",
    "--kubernetes": ROOT / "tests" / "kubernetes",
}
"""Tests that fetch or install what they need, by the option that asks for them."""
ENGINE_INDEPENDENT = (
    ROOT / "tests" / "unit",
    ROOT / "tests" / "integration" / "images" / "hostile",
)


hypothesis.settings.register_profile(
    "seedwire",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("seedwire")  # a busy machine is no fault of the code


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=("embedded", "real"),
        default="embedded",
        help="what tests run on: the embedded broker and SQLite, or Apache Kafka and MongoDB",
    )
    parser.addoption(
        "--browser",
        action="store_true",
        help="also use the console in Chromium (tests/browser); `make test-browser`",
    )
    parser.addoption(
        "--clients",
        action="store_true",
        help="also run the Kafka clients of other languages (tests/clients); `make test-clients`",
    )
    parser.addoption(
        "--deploy",
        action="store_true",
        help="also build and run the containers (tests/deploy), as root; `make test-deploy`",
    )
    parser.addoption(
        "--hosts",
        action="store_true",
        help="also run on three hosts (tests/hosts), as root; `make test-hosts`",
    )
    parser.addoption(
        "--kubernetes",
        action="store_true",
        help="also use a Kubernetes of our own (tests/kubernetes); `make test-kubernetes`",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not _uses_real_engines(config):
        return
    missing = _find_missing_engine()
    if missing is not None:
        raise pytest.UsageError(f"there are no real engines here: {missing}")
    if named_kafka() and config.getoption("numprocesses", None):
        raise pytest.UsageError(
            "tests delete the topics of the one cluster that SEEDWIRE_TEST_KAFKA names: "
            "run them one after another, without --numprocesses"
        )


def pytest_report_header(config: pytest.Config) -> str:
    if not _uses_real_engines(config):
        return "engines: the embedded broker and SQLite"
    kafka = named_kafka() or "Apache Kafka of tests/engines"
    store = named_store() or "mongo-java-server in place of MongoDB"
    return f"engines: {kafka}, {store}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that say nothing, or nothing new, about the engines of this run.

    Also those that must be asked for.
    """
    real = _uses_real_engines(config)
    deselected = [item for item in items if _is_irrelevant(item, real)]
    for option, folder in MUST_BE_ASKED_FOR.items():
        if not config.getoption(option):
            deselected += [item for item in items if item.path.is_relative_to(folder)]
    config.hook.pytest_deselected(items=deselected)
    items[:] = [item for item in items if item not in deselected]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, Any, Any]:
    """With a test that failed, show what its processes logged last."""
    report = yield
    processes = getattr(item, "funcargs", {}).get("processes")
    if report.failed and isinstance(processes, Processes):
        for name, end in processes.read_log_ends().items():
            report.sections.append((f"log of {name}", end))
    return report


def _is_irrelevant(item: pytest.Item, real: bool) -> bool:
    if not real:
        return item.get_closest_marker("real") is not None
    is_engine_independent = any(item.path.is_relative_to(path) for path in ENGINE_INDEPENDENT)
    return is_engine_independent or item.get_closest_marker("embedded") is not None


def _uses_real_engines(config: pytest.Config) -> bool:
    return bool(config.getoption("--engines") == "real")


def _find_missing_engine() -> str | None:
    """Why an engine that the environment does not name cannot be started; None if all can."""
    return None if named_kafka() and named_store() else find_missing_tools()


@pytest.fixture(scope="session")
def on_real_engines(pytestconfig: pytest.Config) -> bool:
    return _uses_real_engines(pytestconfig)


def start_kafka(real: bool, folder: Path) -> AbstractContextManager[dict[str, str]]:
    """A new broker, or the named one without our topics; gives the settings for it."""
    return start_apache_kafka(folder) if real else start_embedded_broker(folder)


@contextmanager
def start_embedded_broker(folder: Path) -> Iterator[dict[str, str]]:
    """As `seedwire up` runs it: clients connect to the gateway before it."""
    with EmbeddedBroker(folder) as broker, ClientGateway(folder, broker) as gateway:
        yield {"SEEDWIRE_KAFKA": gateway.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}


@pytest.fixture
def kafka(on_real_engines: bool, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings for a new broker for this test alone.

    Topics and groups of one that tests share hold what others left: a new ingest would take up
    their seeds.
    """
    with start_kafka(on_real_engines, tmp_path / "kafka") as settings:
        yield settings


@pytest.fixture(scope="session")
def mongo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a MongoDB, or of its stand-in, without the name of a database."""
    with start_real_store(tmp_path_factory.mktemp("mongo")) as url:
        yield url


@pytest.fixture
def store_url(on_real_engines: bool, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store for this test alone."""
    if not on_real_engines:
        return f"sqlite:///{tmp_path / 'seedwire.db'}"
    return f"{request.getfixturevalue('mongo')}/test-{os.urandom(6).hex()}"


@dataclass
class Processes:
    """Services in processes of their own, with one store and one broker."""

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
        """Start `python -m MODULE`, which logs into the folder and is killed when the test ends."""
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
        """Run the command with the services' settings; its output is text."""
        result = subprocess.run(
            [sys.executable, "-m", "services.console", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert result.returncode == 0 or not check, (
            f"{arguments[0]}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        )
        return result

    def seedwire_json(self, *arguments: str, check: bool = True) -> list[dict[str, Any]]:
        """Run the command with --json; returns the objects that it printed."""
        output = self.seedwire(*arguments, "--json", check=check).stdout
        return [json.loads(line) for line in output.splitlines()]

    def read_log_ends(self) -> dict[str, str]:
        """The last lines that each process logged, by module and instance."""
        ends = {}
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            ends[log.stem] = "\n".join(lines[-LOGGED_LINES:])
        return ends

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def processes(kafka: dict[str, str], store_url: str, tmp_path: Path) -> Iterator[Processes]:
    """Service processes with *kafka* and a store of their own."""
    environment = {
        "SEEDWIRE_HOME": str(tmp_path),
        "SEEDWIRE_STORE": store_url,
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
        "SEEDWIRE_PAGES": "off",  # the seeds of tests name pages of the open web
        **kafka,
    }
    started = Processes(tmp_path, environment)
    yield started
    started.close()
