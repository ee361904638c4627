"""A stage that is stopped, seeds with forged dates, a Kafka that dies: the numbers stay true."""

import asyncio
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.ports import find_free_port
from shared.broker.network.connection import open_producer
from tests.conftest import Processes
from tests.e2e.console import wait_until
from tests.integration.console.desk import read_text

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]

SEEDS = 17
ROUNDING = 1.0  # seconds: the page shows whole ones
FORGED_MS = (1_000, None, 4_000_000_000_000)  # 1970, none, 2096


class Interval(NamedTuple):
    """Two times on the monotonic clock: Kafka was looked at, and everything was dropped."""

    looked_at: float
    dropped_at: float


class Newsroom:
    """Ingest alone, and the console, whose health port serves what it sampled."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self._port = find_free_port()
        self.ingest = processes.start("services.ingest")
        ports = {"SEEDWIRE_HEALTH_PORT": str(self._port), "SEEDWIRE_CONSOLE_PORT": "0"}
        (processes.folder / "run").mkdir()  # where the console says its address
        processes.start("services.console.web", **ports)

    def scrape(self) -> dict[tuple[str, ...], float]:
        """The metrics of the console, by name and values of labels."""
        try:
            text = httpx.get(f"http://127.0.0.1:{self._port}/metrics", timeout=60).text
        except httpx.TransportError:
            return {}  # it does not listen yet
        samples = [sample for f in text_string_to_metric_families(text) for sample in f.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    def is_working(self) -> bool:
        return self.scrape().get(("seedwire_workers", "ingest", "working")) == 1

    def is_kafka_up(self) -> float | None:
        return self.scrape().get(("seedwire_engine_up", "kafka"))

    def count_waiting(self) -> float | None:
        return self.scrape().get(("seedwire_waiting_records", "ingest"))

    def measure_age(self) -> float:
        """How long the oldest seed has waited by now, as the metrics have it."""
        metrics = self.scrape()
        age = metrics["seedwire_oldest_waiting_seconds", "ingest"]
        return age + metrics["seedwire_sample_age_seconds", "kafka"]

    def read_page(self) -> str:
        """What a reader of the console's first page sees."""
        url = (self.processes.folder / "run" / "console").read_text()
        return read_text(httpx.get(url, timeout=60).text)

    def measure_shown_age(self) -> float:
        """How long the oldest seed has waited, as the page has it, which is of its last sample."""
        page = self.read_page()
        shown = re.search(rf"{SEEDS} waiting, oldest (\d+) (s|min)\b", page)
        assert shown is not None, page
        return float(shown[1]) * {"s": 1, "min": 60}[shown[2]]

    def drop(self) -> "Interval":
        """Send seeds with forged time stamps; returns when they arrived, as a sample can tell."""
        began = time.monotonic()
        looked_at = began - self.scrape()["seedwire_sample_age_seconds", "kafka"]
        asyncio.run(self._send())
        return Interval(looked_at, time.monotonic())

    async def _send(self) -> None:
        async with open_producer(self.processes.settings) as producer:
            for number in range(SEEDS):
                stamp = FORGED_MS[number % len(FORGED_MS)]
                await producer.send_and_wait("seeds", b"a seed", timestamp_ms=stamp)


@pytest.fixture
def broker(tmp_path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path) as broker:
        yield broker


@pytest.fixture
def newsroom(broker, tmp_path) -> Iterator[Newsroom]:
    environment = {
        "SEEDWIRE_HOME": str(tmp_path),
        "SEEDWIRE_KAFKA": broker.bootstrap,
        "SEEDWIRE_KAFKA_IDEMPOTENCE": "false",
    }
    processes = Processes(tmp_path, environment)
    newsroom = Newsroom(processes)
    yield newsroom
    newsroom.ingest.send_signal(signal.SIGCONT)
    processes.close()


def test_waiting_seeds_and_their_age_are_true_whatever_stops_and_whoever_lies(newsroom, broker):
    wait_until(newsroom.is_working)
    newsroom.ingest.send_signal(signal.SIGSTOP)
    arrived = newsroom.drop()
    wait_until(lambda: newsroom.count_waiting() == SEEDS)
    for _ in range(3):
        check_age(newsroom.measure_age, arrived)
        check_age(newsroom.measure_shown_age, arrived)
        time.sleep(1.5)  # the age grows with the clock

    broker.kill()
    wait_until(lambda: newsroom.is_kafka_up() == 0)
    age = newsroom.scrape()["seedwire_sample_age_seconds", "kafka"]
    wait_until(lambda: newsroom.scrape()["seedwire_sample_age_seconds", "kafka"] > age)
    assert newsroom.count_waiting() == SEEDS
    assert newsroom.scrape()["seedwire_engine_up", "store"] == 1
    check_age(newsroom.measure_age, arrived)
    page = newsroom.read_page()
    assert "Kafka has been away since" in page
    assert f"{SEEDS} waiting" in page
    assert re.search(r"as Kafka last gave them: \d+ (s|min) ago", page)

    broker.start()  # with an empty log
    wait_until(lambda: newsroom.is_kafka_up() == 1)
    wait_until(lambda: newsroom.count_waiting() == 0)


def check_age(measure: Callable[[], float], arrived: Interval) -> None:
    """It is never more than since the last look before the drop, and soon as much as since it."""
    expected = time.monotonic() - arrived.dropped_at

    def has_come_so_far() -> bool:
        age = measure()
        assert age <= time.monotonic() - arrived.looked_at + ROUNDING
        return age >= expected

    wait_until(has_come_so_far)
