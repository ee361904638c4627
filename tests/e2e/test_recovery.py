"""An engine is away and comes back: every service goes on within 30 s, and nobody starts anything by hand.

Each test prints how long it took from the engine's return until everything dropped meanwhile, and one seed more, was
through every stage: the slowest service's recovery. What such a seed takes undisturbed, on the same busy machine, is
measured too and taken off.
"""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.broker import Tansu
from deploy.embedded.ports import free_port
from tests.conftest import Processes
from tests.e2e.test_console import SEED, Newsroom
from tests.e2e.test_console import eventually as eventually_within
from tests.e2e.test_real_seeds import SERVICES
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn
from tests.real_engines import libs

pytestmark = pytest.mark.timeout(900)

RECOVERY = 30.0  # seconds, promised
DEADLINE = 180.0  # for what is not measured: a busy machine takes long to start four processes
AWAY = 30.0


def eventually(check: Callable[[], bool]) -> None:
    eventually_within(check, DEADLINE)


class Running(Processes):
    """All services, each with its health on a port of its own. A seed usually takes *usual* seconds."""

    usual: float = 0.0

    def begin(self) -> None:
        self.ports = {module: free_port() for module in SERVICES}
        self.started = [
            self.start(module, instance="", SEEDWIRE_HEALTH_PORT=str(port))
            for module, port in self.ports.items()
        ]
        eventually(lambda: all(self.health(module, "ready").is_success for module in SERVICES))

    def health(self, module: str, page: str) -> httpx.Response:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[module]}/health/{page}", timeout=20)
        except httpx.TransportError:
            return httpx.Response(500)  # not there yet

    def all_await(self, engine: str) -> bool:
        """Whether every service says that it waits for *engine*, and that a restart would not help."""
        answers = [self.health(module, "ready") for module in SERVICES]
        live = [self.health(module, "live").is_success for module in SERVICES]
        awaited = [
            answer.json()["awaited"] if answer.status_code == 503 else None for answer in answers
        ]
        return all(live) and all(
            waits and waits["what"] == engine and waits["since"] for waits in awaited
        )

    def drop(self, *names: str) -> None:
        folder = self.folder / f"drops-{names[0]}"
        folder.mkdir()
        for name in names:
            (folder / f"{name}.md").write_text(SEED.format(name))
        self.seedwire("drop", "--no-wait", str(folder))

    def decided(self) -> set[str]:
        """The titles of articles that are through every stage."""
        lines = self.seedwire("list", "--json").stdout.splitlines()
        return {article["title"] for article in map(json.loads, lines) if article["reason"]}

    def assert_recovers(self, *names: str) -> None:
        """Everything named is through every stage in time, by the processes that were there before."""
        back = time.monotonic()
        self.drop("after")
        eventually(lambda: self.decided() >= {*names, "after"})
        took = time.monotonic() - back
        print(
            f"\nrecovered {took:.1f} s after the engine was back; undisturbed a seed takes {self.usual:.1f} s"
        )
        assert took < RECOVERY + 2 * self.usual
        assert [process.poll() for process in self.started] == [None] * len(SERVICES)
        eventually(lambda: all(self.health(module, "ready").is_success for module in SERVICES))


Start = Callable[[dict[str, str]], Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as ends:

        def begin(engines: dict[str, str]) -> Running:
            running = Running(tmp_path, {"SEEDWIRE_HOME": str(tmp_path), **engines})
            ends.callback(running.close)
            running.begin()
            began = time.monotonic()
            running.drop("before")
            eventually(lambda: running.decided() == {"before"})
            running.usual = time.monotonic() - began
            return running

        yield begin


@pytest.mark.real
class TestRealEngines:
    def test_kafka_is_killed_and_comes_back(self, start: Start, new_store: str, tmp_path: Path):
        with KafkaCluster(libs(), tmp_path / "kafka") as kafka:
            running = start({"SEEDWIRE_KAFKA": kafka.bootstrap, "SEEDWIRE_STORE": new_store})
            some = [f"meanwhile-{number}" for number in range(20)]
            running.drop(*some)  # some of it is under way when Kafka dies
            kafka.kill()
            gone = time.monotonic()
            eventually(lambda: running.all_await("Kafka"))
            time.sleep(max(0.0, AWAY - (time.monotonic() - gone)))
            kafka.start_node(1)
            kafka.wait_ready()
            running.assert_recovers(*some)

    def test_the_store_is_killed_and_comes_back(
        self, start: Start, kafka: dict[str, str], tmp_path: Path
    ):
        with MongoStandIn(libs(), tmp_path / "mongo", "sync") as mongo:
            running = start({**kafka, "SEEDWIRE_STORE": f"{mongo.uri}/seedwire"})
            mongo.kill()
            gone = time.monotonic()
            running.drop("meanwhile-1", "meanwhile-2")
            eventually(lambda: running.all_await("the store"))
            time.sleep(max(0.0, AWAY - (time.monotonic() - gone)))
            mongo.start()
            running.assert_recovers("meanwhile-1", "meanwhile-2")

    def test_one_of_three_brokers_is_killed_and_nobody_waits(
        self, start: Start, new_store: str, tmp_path: Path
    ):
        with KafkaCluster(libs(), tmp_path / "kafka", nodes=3) as kafka:
            engines = {"SEEDWIRE_KAFKA": kafka.bootstrap, "SEEDWIRE_KAFKA_REPLICATION": "3"}
            running = start({**engines, "SEEDWIRE_STORE": new_store})
            kafka.kill(2)
            running.assert_recovers()


@pytest.mark.embedded
class TestEmbeddedEngines:
    def test_the_broker_stands_still_and_goes_on(self, start: Start, tmp_path: Path):
        with Tansu(tmp_path / "broker") as broker:
            running = start(
                {"SEEDWIRE_KAFKA": broker.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}
            )
            assert broker.pid
            os.kill(broker.pid, signal.SIGSTOP)
            eventually(lambda: running.all_await("Kafka"))
            os.kill(broker.pid, signal.SIGCONT)
            running.assert_recovers()

    def test_the_file_of_the_store_is_locked_and_let_go(self, start: Start, tmp_path: Path):
        with Tansu(tmp_path / "broker") as broker:
            running = start(
                {"SEEDWIRE_KAFKA": broker.bootstrap, "SEEDWIRE_KAFKA_IDEMPOTENCE": "false"}
            )
            with locked(tmp_path / "seedwire.db"):
                running.drop("meanwhile")
                eventually(lambda: running.all_await("the store"))
            running.assert_recovers("meanwhile")

    def test_the_broker_dies_and_all_is_back_as_a_unit(self, tmp_path: Path):
        seedwire = Newsroom(tmp_path / "home", {})
        try:
            began = time.monotonic()
            assert seedwire("up", "--detach").returncode == 0
            usual = time.monotonic() - began
            file = tmp_path / "one.md"
            file.write_text(SEED.format("one"))
            os.kill(broker_of(seedwire), signal.SIGKILL)
            died = time.monotonic()
            eventually(lambda: not (seedwire.home / "run" / "ready").exists())
            eventually(lambda: (seedwire.home / "run" / "ready").exists())
            assert seedwire("drop", str(file)).returncode == 0
            took = time.monotonic() - died
            print(
                f"\nrecovered {took:.1f} s after the embedded broker died; a first start took {usual:.1f} s"
            )
            assert took < RECOVERY + 2 * usual
        finally:
            seedwire("down")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """No other process writes into the file while the block runs."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def broker_of(seedwire: Newsroom) -> int:
    port = (seedwire.home / "run" / "kafka").read_text().rpartition(":")[2]
    found: Any = subprocess.run(
        ["pgrep", "-f", f"tansu broker.*:{port}"], capture_output=True, text=True, check=True
    )
    return int(found.stdout.split()[0])
