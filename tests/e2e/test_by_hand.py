"""Workers started by hand share the work; a producer that is not ours is taken."""

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from shared.broker.connection import producer
from shared.broker.topics import SEEDS, declared, ensure
from tests.conftest import Processes
from tests.e2e.test_real_seeds import written
from tests.picture_host import picture_host
from tests.real_data import real_seeds

SEED = b"""---
title: "A bridge reopens at Lowmarsh"
publishedDateTime: 2026-03-03T08:05:00Z
webUrl: "https://lowmarsh-evening.example/news/bridge"
quality: 80
---
"""


def services(processes: Processes) -> list[dict[str, Any]]:
    """What `status` says of each process."""
    listed: list[dict[str, Any]] = json.loads(
        processes.seedwire("status", "--json", check=False).stdout
    )["services"]
    return listed


def received(processes: Processes) -> dict[str, int]:
    """Records handled by each process, by instance."""
    return {
        service["instance"]: service["counts"].get("received", 0) for service in services(processes)
    }


def all_work(processes: Processes, number: int) -> bool:
    """Whether so many processes have their share."""
    return [service["state"] for service in services(processes)] == ["working"] * number


@pytest.mark.slow
def test_two_workers_of_a_kind_share_the_work_and_stopping_one_loses_nothing(
    processes: Processes, tmp_path: Path
):
    with picture_host() as host:
        folder = written(real_seeds(), host, tmp_path / "drop")
        for service in ("services.ingest", "services.publishing"):
            processes.start(service)
        enrichment = {
            (kind, number): processes.start(f"services.enrichment.{kind}", instance="")
            for kind in ("images", "related")
            for number in (1, 2)
        }
        halves = sorted(folder.iterdir())
        while not all_work(processes, 6):
            time.sleep(0.2)
        processes.seedwire("drop", *map(str, halves[:250]))
        processes.seedwire("wait", "--timeout", "120")
        shares = {
            name: number
            for name, number in received(processes).items()
            if name.startswith(("images", "related"))
        }
        for kind in ("images", "related"):
            enrichment[kind, 1].send_signal(signal.SIGTERM)
        processes.seedwire("drop", *map(str, halves[250:]))
        assert [enrichment[kind, 1].wait(30) for kind in ("images", "related")] == [0, 0]
        processes.seedwire("wait", "--timeout", "120")
    articles = [
        json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()
    ]
    assert len(shares) == 4
    assert min(shares.values()) > 0
    assert all(article["reason"] for article in articles)
    assert all(image["isCached"] for article in articles for image in article.get("images") or [])


async def test_a_foreign_producer_is_taken(processes: Processes):
    for service in ("services.ingest", "services.enrichment.images", "services.enrichment.related"):
        processes.start(service)
    processes.start("services.publishing")
    await ensure(processes.settings, declared())
    async with producer(processes.settings) as client:
        await client.send_and_wait(SEEDS, SEED)
        await client.send_and_wait(SEEDS, SEED, headers=[("junk", b"\xff\xfe"), ("none", None)])
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "60")
    (article,) = [
        json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()
    ]
    assert (article["title"], article["published"], article["heat"]) == (
        "A bridge reopens at Lowmarsh",
        True,
        80,
    )
