"""An engine fails and comes back: every service goes on by itself, in the process it had before.

Each test waits until everything that was dropped meanwhile, and one seed more, has passed every
stage, and prints how long that took. A busy machine takes longer than the promised 30 s, so no test
asserts a time.
"""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.ports import find_free_port
from tests.conftest import Processes
from tests.e2e.console import SEED, Console, wait_until
from tests.e2e.real_site.real_seed_files import SERVICES
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn
from tests.real_engines import require_jars

pytestmark = pytest.mark.timeout(900)

OUTAGE_SECONDS = 30.0


@dataclass
class MonitoredServices(Processes):
    """All services, each with health pages on a port of its own."""

    ports: dict[str, int] = field(default_factory=dict)  # by module
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_all(self) -> None:
        for module in SERVICES:
            port = self.ports[module] = find_free_port()
            self.started.append(self.start(module, instance="", SEEDWIRE_HEALTH_PORT=str(port)))
        wait_until(self.are_ready)

    def are_ready(self) -> bool:
        return all(self.get_health(module, "ready").is_success for module in SERVICES)

    def are_awaiting(self, dependency: str) -> bool:
        """Whether every service reports that it waits for the dependency and needs no restart."""
        return all(self.is_awaiting(module, dependency) for module in SERVICES)

    def is_awaiting(self, module: str, dependency: str) -> bool:
        ready = self.get_health(module, "ready")
        if ready.status_code != 503 or not self.get_health(module, "live").is_success:
            return False
        awaited = ready.json()["awaited"]
        return bool(awaited and awaited["what"] == dependency and awaited["since"])

    def get_health(self, module: str, page: str) -> httpx.Response:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[module]}/health/{page}", timeout=20)
        except httpx.TransportError:
            return httpx.Response(500)  # the service does not listen yet

    def drop(self, *names: str) -> None:
        folder = self.folder / f"drops-{names[0]}"
        folder.mkdir()
        for name in names:
            (folder / f"{name}.md").write_text(SEED.format(name))
        self.seedwire("drop", "--no-wait", str(folder))

    def list_decided(self) -> set[str]:
        """The titles of articles that passed every stage."""
        articles = self.seedwire_json("list")
        return {article["title"] for article in articles if article.get("reason")}

    def assert_recovers(self, *names: str) -> None:
        """Everything named passes every stage, in the processes that were there before."""
        returned_at = time.monotonic()
        self.drop("after")
        wait_until(lambda: self.list_decided() >= {*names, "after"})
        print(f"\nrecovered {time.monotonic() - returned_at:.1f} s after the engine was back")
        assert [process.poll() for process in self.started] == [None] * len(SERVICES)
        wait_until(self.are_ready)


StartServices = Callable[[dict[str, str]], MonitoredServices]


@pytest.fixture
def start_services(tmp_path: Path) -> Iterator[StartServices]:
    """Starts all services on the given engines and waits until a first seed passed every stage."""
    with ExitStack() as stack:

        def start(engines: dict[str, str]) -> MonitoredServices:
            services = MonitoredServices(tmp_path, {"SEEDWIRE_HOME": str(tmp_path), **engines})
            stack.callback(services.close)
            services.start_all()
            services.drop("before")
            wait_until(lambda: services.list_decided() == {"before"})
            return services

        yield start


def outlast_outage(began_at: float) -> None:
    """Wait until the outage has lasted its time."""
    time.sleep(max(0.0, began_at + OUTAGE_SECONDS - time.monotonic()))


@pytest.mark.real
class TestRealEngines:
    def test_kafka_is_killed_and_comes_back(
        self, start_services: StartServices, store_url: str, tmp_path: Path
    ):
        with KafkaCluster(require_jars(), tmp_path / "kafka") as kafka:
            services = start_services(
                {"SEEDWIRE_KAFKA": kafka.bootstrap, "SEEDWIRE_STORE": store_url}
            )
            names = [f"meanwhile-{number}" for number in range(20)]
            services.drop(*names)  # some of them are in flight when Kafka dies
            kafka.kill()
            killed_at = time.monotonic()
            wait_until(lambda: services.are_awaiting("Kafka"))
            outlast_outage(killed_at)
            kafka.start_node(1)
            kafka.wait_until_ready()
            services.assert_recovers(*names)

    def test_the_store_is_killed_and_comes_back(
        self, start_services: StartServices, kafka: dict[str, str], tmp_path: Path
    ):
        with MongoStandIn(require_jars(), tmp_path / "mongo", "sync") as mongo:
            services = start_services({**kafka, "SEEDWIRE_STORE": f"{mongo.uri}/seedwire"})
            mongo.kill()
            killed_at = time.monotonic()
            services.drop("meanwhile-1", "meanwhile-2")
            wait_until(lambda: services.are_awaiting("the store"))
            outlast_outage(killed_at)
            mongo.start()
            services.assert_recovers("meanwhile-1", "meanwhile-2")

    def test_one_of_three_brokers_is_killed_and_no_service_stops(
        self, start_services: StartServices, store_url: str, tmp_path: Path
    ):
        with KafkaCluster(require_jars(), tmp_path / "kafka", nodes=3) as kafka:
            services = start_services(
                {
                    "SEEDWIRE_KAFKA": kafka.bootstrap,
                    "SEEDWIRE_KAFKA_REPLICATION": "3",
                    "SEEDWIRE_STORE": store_url,
                }
            )
            kafka.kill(2)
            services.assert_recovers()


@pytest.mark.embedded
class TestEmbeddedEngines:
    def test_the_broker_is_suspended_and_goes_on(
        self, start_services: StartServices, tmp_path: Path
    ):
        with EmbeddedBroker(tmp_path / "broker") as broker:
            services = start_services(settings_for(broker))
            assert broker.pid
            os.kill(broker.pid, signal.SIGSTOP)
            wait_until(lambda: services.are_awaiting("Kafka"))
            os.kill(broker.pid, signal.SIGCONT)
            services.assert_recovers()

    def test_the_file_of_the_store_is_locked_and_released(
        self, start_services: StartServices, tmp_path: Path
    ):
        with EmbeddedBroker(tmp_path / "broker") as broker:
            services = start_services(settings_for(broker))
            with hold_write_lock(tmp_path / "seedwire.db"):
                services.drop("meanwhile")
                wait_until(lambda: services.are_awaiting("the store"))
            services.assert_recovers("meanwhile")

    def test_the_broker_dies_and_everything_restarts_as_a_unit(self, seedwire: Console):
        assert seedwire("up", "--detach").returncode == 0
        seed = seedwire.state_dir / "one.md"
        seed.write_text(SEED.format("one"))
        os.kill(seedwire.find_broker_pid(), signal.SIGKILL)
        died_at = time.monotonic()
        wait_until(lambda: not seedwire.is_ready())
        wait_until(seedwire.is_ready)
        assert seedwire("drop", str(seed)).returncode == 0
        print(f"\nrecovered {time.monotonic() - died_at:.1f} s after the embedded broker died")


def settings_for(broker: EmbeddedBroker) -> dict[str, str]:
    return {"SEEDWIRE_KAFKA": broker.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}


@contextmanager
def hold_write_lock(path: Path) -> Iterator[None]:
    """No other process can write to the SQLite file while the block runs."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()
