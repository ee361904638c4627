"""Workers started by hand share the work; records of other producers are accepted."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from shared.broker.network.connection import open_producer
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import SEEDS, load_topics
from tests.conftest import Processes
from tests.e2e.console import wait_until
from tests.e2e.real_site.real_seed_files import SERVICES, write_seeds
from tests.picture_host import run_picture_host
from tests.real_data import load_real_seeds

SEED = b"""---
title: "A bridge reopens at Lowmarsh"
publishedDateTime: 2026-03-03T08:05:00Z
webUrl: "https://lowmarsh-evening.example/news/bridge"
quality: 80
---
"""
ENRICHMENT = ("images", "related")


def list_services(processes: Processes) -> list[dict[str, Any]]:
    """Every process in `status`."""
    (status,) = processes.seedwire_json("status", check=False)
    services: list[dict[str, Any]] = status["services"]
    return services


def count_received(processes: Processes) -> dict[str, int]:
    """Records that each enrichment process handled, by instance."""
    return {
        service["instance"]: service["counts"].get("received", 0)
        for service in list_services(processes)
        if service["name"] in ENRICHMENT
    }


def are_working(processes: Processes, count: int) -> bool:
    """Whether there are so many processes, and all of them have their partitions."""
    return [service["state"] for service in list_services(processes)] == ["working"] * count


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_two_workers_of_a_service_share_the_work_and_stopping_one_loses_nothing(
    processes: Processes, tmp_path: Path
):
    with run_picture_host() as host:
        folder = write_seeds(load_real_seeds(), host, tmp_path / "drop")
        for service in ("services.ingest", "services.publishing"):
            processes.start(service)
        workers = {
            (service, number): processes.start(f"services.enrichment.{service}", instance="")
            for service in ENRICHMENT
            for number in (1, 2)
        }
        files = [str(file) for file in sorted(folder.iterdir())]
        wait_until(lambda: are_working(processes, 6))
        processes.seedwire("drop", *files[:250])
        processes.seedwire("wait", "--timeout", "400", timeout=460)
        received = count_received(processes)
        stopped = [workers[service, 1] for service in ENRICHMENT]
        for worker in stopped:
            worker.send_signal(signal.SIGTERM)
        processes.seedwire("drop", *files[250:])
        assert [worker.wait(60) for worker in stopped] == [0, 0]
        processes.seedwire("wait", "--timeout", "400", timeout=460)
    articles = processes.seedwire_json("list")
    assert len(received) == 4
    assert min(received.values()) > 0
    assert all(article.get("reason") for article in articles)
    assert all(image["isCached"] for article in articles for image in article.get("images") or [])


@pytest.mark.timeout(600)
async def test_records_of_a_foreign_producer_are_accepted(processes: Processes):
    for service in SERVICES:
        processes.start(service)
    await create_missing_topics(processes.settings, load_topics())
    async with open_producer(processes.settings) as producer:
        await producer.send_and_wait(SEEDS, SEED)
        await producer.send_and_wait(SEEDS, SEED, headers=[("junk", b"\xff\xfe"), ("none", None)])
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "240")
    output = await asyncio.to_thread(processes.seedwire, "list", "--json")
    (article,) = [json.loads(line) for line in output.stdout.splitlines()]
    assert (article["title"], article["published"], article["heat"]) == (
        "A bridge reopens at Lowmarsh",
        True,
        80,
    )
