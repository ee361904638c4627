"""A stage that is stopped, seeds with forged dates, a Kafka that dies: the numbers stay true."""

import asyncio
import re
import signal
import time
from collections.abc import Iterator

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
TOLERANCE = 3.0  # seconds: a sample every two, and one for the way
FORGED_MS = (1_000, None, 4_000_000_000_000)  # 1970, none, 2096


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
            text = httpx.get(f"http://127.0.0.1:{self._port}/metrics", timeout=20).text
        except httpx.TransportError:
            return {}  # it does not listen yet
        samples = [sample for f in text_string_to_metric_families(text) for sample in f.samples]
        return {(sample.name, *sample.labels.values()): sample.value for sample in samples}

    def is_working(self) -> bool:
        return self.scrape().get(("seedwire_workers", "ingest", "working")) == 1

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
        return read_text(httpx.get(url, timeout=20).text)

    def measure_shown_age(self) -> float:
        """How long the oldest seed has waited by now, as the page has it."""
        page = self.read_page()
        shown = re.search(rf"{SEEDS} waiting, oldest (\d+) s", page)
        assert shown is not None, page
        return float(shown[1])

    def drop(self) -> float:
        """Send seeds with forged time stamps; returns when the first one was sent."""
        began = time.monotonic()
        asyncio.run(self._send())
        return began

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
    dropped = newsroom.drop()
    wait_until(lambda: newsroom.count_waiting() == SEEDS)
    for _ in range(3):
        wait_until(lambda: is_true_age(newsroom.measure_age(), dropped))
        wait_until(lambda: is_true_age(newsroom.measure_shown_age(), dropped))
        time.sleep(1.5)  # the age grows with the clock

    broker.kill()
    wait_until(lambda: newsroom.scrape()["seedwire_engine_up", "kafka"] == 0)
    age = newsroom.scrape()["seedwire_sample_age_seconds", "kafka"]
    wait_until(lambda: newsroom.scrape()["seedwire_sample_age_seconds", "kafka"] > age)
    assert newsroom.count_waiting() == SEEDS
    assert newsroom.scrape()["seedwire_engine_up", "store"] == 1
    assert is_true_age(newsroom.measure_age(), dropped)
    page = newsroom.read_page()
    assert "Kafka has been away since" in page
    assert f"{SEEDS} waiting" in page
    assert re.search(r"as Kafka last gave them: \d+ (s|min) ago", page)

    broker.start()  # with an empty log
    wait_until(lambda: newsroom.scrape()["seedwire_engine_up", "kafka"] == 1)
    wait_until(lambda: newsroom.count_waiting() == 0)


def is_true_age(age: float, dropped: float) -> bool:
    return abs(age - (time.monotonic() - dropped)) < TOLERANCE
