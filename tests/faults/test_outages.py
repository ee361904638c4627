"""Single faults, each long or large enough to be a story of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.broker.connection import producer, reader
from shared.broker.topics import SEEDS, declared, ensure
from shared.store import connect
from tests.conftest import ROOT, Processes
from tests.engines.fetch import fetch
from tests.engines.kafka import KafkaCluster
from tests.faults.newsroom import Newsroom, newsroom
from tests.faults.run import broken
from tests.faults.stream import Stream

SERVICES = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)


def awaited(check: Callable[[], bool], seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.1)


async def all_work(room: Newsroom) -> None:
    for _ in range(450):
        if all(room.recovery.is_well(slot) for slot in room.fleet.slots.values()):
            return
        await asyncio.sleep(0.2)
    pytest.fail("not all services came up")


@pytest.mark.slow
@pytest.mark.timeout(700)
async def test_a_store_that_is_away_for_thirty_seconds_is_waited_for(
    on_real_engines: bool, tmp_path: Path
):
    """No process ends for it, nothing is lost, and all goes on by itself."""
    async with newsroom("real" if on_real_engines else "embedded", 1, tmp_path) as room:
        await all_work(room)
        pids = {slot.name: slot.pid for slot in room.fleet.slots.values()}
        enough = asyncio.Event()
        pouring = asyncio.create_task(room.pour(enough))
        await room.engines.hold_store(30)
        enough.set()
        await pouring
        assert await broken(room) == []
        assert {slot.name: slot.pid for slot in room.fleet.slots.values()} == pids


async def test_nothing_but_invalid_records_halts_the_consumer_and_nothing_of_it_is_committed(
    processes: Processes,
):
    """The batches before the row was full may be committed: one of 50 with the sound record in it."""
    await ensure(processes.settings, declared())
    async with producer(processes.settings) as sender:
        await sender.send_and_wait(SEEDS, Stream(1).next().value, partition=0)
        await put_junk(sender, 200)
    settings = {"SEEDWIRE_INVALID_IN_ROW": "40", "SEEDWIRE_BATCH_RECORDS": "50"}
    halted = processes.start("services.ingest", **settings)
    assert await asyncio.to_thread(halted.wait, 60) == 4
    async with reader(processes.settings, "seedwire.ingest") as consumer:
        assert (await consumer.committed(TopicPartition(SEEDS, 0)) or 0) <= 50


async def put_junk(sender: AIOKafkaProducer, number: int) -> None:
    for future in [await sender.send(SEEDS, b"\xff no seed", partition=0) for _ in range(number)]:
        await future


def watch(processes: Processes, inbox: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "services.console", "watch", str(inbox), "--once"]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **processes.environment}, stdout=subprocess.DEVNULL
    )


@pytest.mark.slow
def test_a_watch_that_is_killed_again_and_again_loses_no_file(processes: Processes, tmp_path: Path):
    for service in SERVICES:
        processes.start(service)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    stream = Stream(3)
    contents = {
        f"{drop.number:03}.md": drop.value or b"" for drop in (stream.next() for _ in range(60))
    }
    for number, (name, content) in enumerate(contents.items()):
        (inbox / name).write_bytes(content)
        if number % 20 == 19:
            watching = watch(processes, inbox)
            awaited(
                lambda: (
                    any((tmp_path / "done").glob("*.md")) or any((inbox / ".taken").glob("*.md"))
                )
            )
            watching.send_signal(signal.SIGKILL)
            watching.wait()
    processes.seedwire("watch", str(inbox), "--once", timeout=200)
    moved = {
        file.name: file.read_bytes()
        for side in ("done", "failed")
        for file in (tmp_path / side).glob("*.md")
    }
    assert moved == contents
    rejected = {drop.number for drop in stream.drops if drop.status == "rejected"}
    assert {int(file.stem) for file in (tmp_path / "failed").glob("*.md")} == rejected
    assert all((tmp_path / "failed" / f"{number:03}.md.reason.txt").exists() for number in rejected)


@pytest.mark.slow
async def test_a_redrive_that_is_killed_leaves_out_nothing_and_repeats_one_at_most(
    processes: Processes, tmp_path: Path
):
    processes.start("services.ingest")
    folder = tmp_path / "drops"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}.md").write_text(f"---\ntitle: 'no address {number}'\n---\n")
    await asyncio.to_thread(processes.seedwire, "drop", str(folder), check=False)
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        first = {record.id for record in await store.rejected.page(limit=1000)}
        command = [sys.executable, "-m", "services.console", "rejected", "redrive", "--all"]
        environment = {**os.environ, **processes.environment}
        redriving = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        while not any(record.redriven_at for record in await store.rejected.page(limit=1000)):
            assert redriving.returncode is None
        redriving.kill()
        await redriving.wait()
        left = [
            r.id
            for r in await store.rejected.page(limit=1000)
            if r.id in first and r.redriven_at is None
        ]
        await asyncio.to_thread(processes.seedwire, "rejected", "redrive", *left)
        await asyncio.to_thread(processes.seedwire, "wait")
        after = await store.rejected.page(limit=1000)
    finally:
        await store.close()
    assert 0 < len(left) < len(first) == 300
    assert all(record.redriven_at for record in after if record.id in first)
    again = Counter(record.value for record in after if record.id not in first)
    assert len(again) == 300
    assert again.total() <= 301


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_one_of_three_brokers_is_killed_and_nothing_is_lost(tmp_path: Path, new_store: str):
    """Writes ask for all in-sync replicas: two of three hold them."""
    with KafkaCluster(fetch(), tmp_path / "kafka", nodes=3) as cluster:
        environment = {
            "SEEDWIRE_HOME": str(tmp_path),
            "SEEDWIRE_STORE": new_store,
            "SEEDWIRE_KAFKA": cluster.bootstrap,
            "SEEDWIRE_KAFKA_REPLICATION": "3",
        }
        processes = Processes(tmp_path, environment)
        try:
            for service in SERVICES:
                processes.start(service)
            stream = Stream(5)
            for part in range(4):
                folder = tmp_path / f"drops-{part}"
                folder.mkdir()
                for drop in (stream.next() for _ in range(40)):
                    (folder / f"{drop.number:03}.md").write_bytes(drop.value or b"")
                if part == 1:
                    cluster.kill(2)
                if part == 3:
                    cluster.start_node(2)
                    cluster.wait_ready()
                dropped = processes.seedwire(
                    "drop", str(folder), "--patience", "90", "--json", check=False
                )
                statuses = [
                    json.loads(receipt)["status"] for receipt in dropped.stdout.splitlines()
                ]
                answered = [status for status in statuses if status != "sent"]
                assert len(answered) == 40, f"{statuses}\n{dropped.stderr}"
            processes.seedwire("wait", "--timeout", "120")
            audit = processes.seedwire("audit", check=False)
            assert audit.returncode == 0, audit.stdout
            articles = [
                json.loads(line)
                for line in processes.seedwire("list", "--json").stdout.splitlines()
            ]
        finally:
            processes.close()
    assert len(articles) == len(stream.pieces)
