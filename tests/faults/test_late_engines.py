"""A worker that starts before Kafka does."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.ports import find_free_ports
from tests.conftest import Processes

DEADLINE_SECONDS = 120
MODULE = "services.ingest"

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]


@pytest.fixture
def late(tmp_path: Path):
    """A worker, the port of its health pages, and the broker that does not run yet."""
    broker_port, health_port = find_free_ports(2)
    broker = EmbeddedBroker(tmp_path / "broker", broker_port)
    settings = {
        "SEEDWIRE_HOME": str(tmp_path),
        "SEEDWIRE_KAFKA": f"127.0.0.1:{broker_port}",
        "SEEDWIRE_KAFKA_IDEMPOTENCE": "false",
        "SEEDWIRE_HEALTH_PORT": str(health_port),
    }
    processes = Processes(tmp_path, settings)
    yield processes.start(MODULE), f"http://127.0.0.1:{health_port}/health", broker
    processes.close()
    broker.stop()


def wait_until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not check():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def is_waiting_for_kafka(pages: str) -> bool:
    try:
        awaited = httpx.get(f"{pages}/ready").json()["awaited"]
    except httpx.TransportError:
        return False
    return awaited is not None and awaited["what"] == "Kafka"


def test_it_waits_with_its_pages_open_and_works_once_kafka_is_there(late):
    process, pages, broker = late
    wait_until(lambda: is_waiting_for_kafka(pages))
    assert httpx.get(f"{pages}/live").status_code == 200
    broker.start()
    wait_until(lambda: httpx.get(f"{pages}/ready").status_code == 200)
    assert process.poll() is None


def test_told_to_stop_it_ends_in_order(late):
    process, pages, _ = late
    wait_until(lambda: is_waiting_for_kafka(pages))
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE_SECONDS) == 0
