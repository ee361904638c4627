"""Single faults that are long or large enough for a test of their own.

Deadlines here are only there to end a test that hangs: they are far longer than anything takes on a
busy machine.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.broker.network.connection import open_producer, open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import SEEDS, load_topics
from shared.settings import Settings
from shared.store import RejectedRecord, Store, connect
from shared.store.ports.operations.rejected import REJECTED_AGAIN
from tests.conftest import ROOT, Processes
from tests.engines.fetch import fetch_jars
from tests.engines.kafka import KafkaCluster
from tests.faults.fault_run import drain_and_check
from tests.faults.system.engines import EngineKind, Engines, start_engines
from tests.faults.system.seed_stream import SeedDrop, SeedStream
from tests.faults.system.system_under_test import start_system

DEADLINE_SECONDS = 600
OUTAGE_SECONDS = 30
SERVICES = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)

pytestmark = pytest.mark.timeout(2400)


@pytest.fixture
def engine_kind(on_real_engines: bool) -> EngineKind:
    return "real" if on_real_engines else "embedded"


@pytest.fixture
async def engines(engine_kind: EngineKind, tmp_path: Path) -> AsyncIterator[Engines]:
    """Engines behind proxies."""
    async with start_engines(engine_kind, tmp_path) as engines:
        yield engines


@pytest.fixture
async def store(engines: Engines) -> AsyncIterator[Store]:
    """The store of *engines*, not through the proxy."""
    store = connect(engines.store)
    await store.open()
    yield store
    await store.close()


def wait_until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not check():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.1)


def write_drops(drops: Sequence[SeedDrop], folder: Path) -> dict[str, bytes]:
    """One file for each drop, named by its number; returns the contents by name."""
    folder.mkdir()
    contents = {}
    for drop in drops:
        name = f"{drop.number:03}.md"
        contents[name] = drop.value or b""
        (folder / name).write_bytes(contents[name])
    return contents


@pytest.mark.slow
async def test_a_store_outage_of_thirty_seconds_ends_no_process_and_loses_nothing(
    engine_kind: EngineKind, tmp_path: Path
):
    async with start_system(engine_kind, 1, tmp_path) as system:
        await system.wait_until_all_work()
        pids = {managed.name: managed.pid for managed in system.processes.all}
        stop = asyncio.Event()
        dropping = asyncio.create_task(system.drop_seeds(stop))
        await system.engines.block_store(OUTAGE_SECONDS)
        stop.set()
        await dropping
        assert await drain_and_check(system) == []
        assert {managed.name: managed.pid for managed in system.processes.all} == pids


async def test_nothing_but_invalid_records_halts_the_consumer_which_commits_none_of_them(
    processes: Processes,
):
    """Earlier batches may be committed: one of 50 records, which has the valid one."""
    await create_missing_topics(processes.settings, load_topics())
    async with open_producer(processes.settings) as producer:
        valid = SeedStream(1).make_drop().value
        await producer.send_and_wait(SEEDS, valid, partition=0)
        await send_invalid_records(producer, 200)
    settings = {"SEEDWIRE_INVALID_IN_ROW": "40", "SEEDWIRE_BATCH_RECORDS": "50"}
    ingest = processes.start("services.ingest", **settings)
    assert await asyncio.to_thread(ingest.wait, DEADLINE_SECONDS) == 4
    async with open_reader(processes.settings, "seedwire.ingest") as reader:
        assert (await reader.committed(TopicPartition(SEEDS, 0)) or 0) <= 50


async def send_invalid_records(producer: AIOKafkaProducer, count: int) -> None:
    acknowledgements = []
    for _ in range(count):
        acknowledgements.append(await producer.send(SEEDS, b"\xff no seed", partition=0))
    await asyncio.gather(*acknowledgements)


@pytest.mark.slow
def test_a_watch_that_is_killed_again_and_again_loses_no_file(processes: Processes, tmp_path: Path):
    for service in SERVICES:
        processes.start(service)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    stream = SeedStream(3)
    contents: dict[str, bytes] = {}
    for part in range(3):
        contents |= write_drops(stream.make_drops(20), tmp_path / f"part-{part}")
        for file in (tmp_path / f"part-{part}").iterdir():
            file.rename(inbox / file.name)
        kill_watch_at_work(processes, inbox)
    last = processes.seedwire("watch", str(inbox), "--once", timeout=DEADLINE_SECONDS, check=False)
    assert last.returncode in (0, 1), last.stderr  # 1: a rejected file was left to it
    done, failed = read_files(tmp_path / "done"), read_files(tmp_path / "failed")
    assert done | failed == contents
    rejected = {f"{drop.number:03}.md" for drop in stream.drops if drop.status == "rejected"}
    assert failed.keys() == rejected
    for name in rejected:
        assert (tmp_path / "failed" / f"{name}.reason.txt").exists()


def kill_watch_at_work(processes: Processes, inbox: Path) -> None:
    """Start a watch, and kill it once it has taken a file."""
    command = [sys.executable, "-m", "services.console", "watch", str(inbox), "--once"]
    environment = {**os.environ, **processes.environment}
    watching = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    wait_until(lambda: bool(read_files(inbox.parent / "done") or read_files(inbox / ".taken")))
    watching.send_signal(signal.SIGKILL)
    watching.wait()


def read_files(folder: Path) -> dict[str, bytes]:
    """The seed files of *folder*, by name; files may disappear meanwhile."""
    contents = {}
    for file in folder.glob("*.md"):
        try:
            contents[file.name] = file.read_bytes()
        except FileNotFoundError:
            continue
    return contents


@pytest.mark.slow
async def test_a_redrive_that_is_killed_leaves_out_nothing_and_repeats_at_most_one_record(
    engines: Engines, store: Store, tmp_path: Path
):
    """A slow network makes sure that the redrive is at work when it is killed.

    Each attempt is noted before it is sent. So one may be noted that was not sent, or that arrives
    after the killed redrive is gone.
    """
    environment = {"SEEDWIRE_HOME": str(tmp_path), **engines.settings}
    processes = Processes(tmp_path, environment)
    try:
        processes.start("services.ingest")
        await reject_drops(processes, tmp_path / "drops", 300)
        before = {record.id for record in await list_rejected(store)}
        engines.kafka.set_mode("slow")
        await kill_redrive_at_work(processes, store)
        engines.kafka.heal()
        await wait_until_handled(processes)
        remaining = {
            record.id: record.attempts
            for record in await list_rejected(store)
            if not has_answer(record)
        }
        command = ("rejected", "redrive", *sorted(remaining))
        await asyncio.to_thread(processes.seedwire, *command, check=False)  # rejected again: 1
        await wait_until_handled(processes)
        after = await list_rejected(store)
        sent = await count_records(processes.settings, SEEDS)
    finally:
        processes.close()
    assert 0 < len(remaining) < len(before) == 300
    assert sum(remaining.values()) <= 1
    assert {record.id for record in after} == before  # rejected again, it is the same case
    for record in after:
        assert record.attempts == remaining.get(record.id, 0) + 1
        assert (record.state, record.redrives[-1].outcome) == ("open", REJECTED_AGAIN)
    assert 600 <= sent <= 601


async def wait_until_handled(processes: Processes) -> None:
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", str(DEADLINE_SECONDS))


def has_answer(record: RejectedRecord) -> bool:
    """Whether it was redriven, and the last time came to an end."""
    return bool(record.redrives) and record.redrives[-1].outcome != ""


async def count_records(settings: Settings, topic: str) -> int:
    async with open_reader(settings) as reader:
        reader.assign(await list_partitions(settings, topic))
        return sum((await read_end_offsets(reader)).values())


async def list_rejected(store: Store) -> list[RejectedRecord]:
    return await store.rejected.list_page(limit=1000)


async def reject_drops(processes: Processes, folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.md").write_text(f"---\ntitle: 'no URL {number}'\n---\n")
    patience = ("--patience", str(DEADLINE_SECONDS))
    await asyncio.to_thread(processes.seedwire, "drop", str(folder), *patience, check=False)


async def kill_redrive_at_work(processes: Processes, store: Store) -> None:
    """Start a redrive, and kill it once it has noted two attempts: the first is sent by then."""
    command = [sys.executable, "-m", "services.console", "rejected", "redrive", "--all"]
    redrive = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **processes.environment},
        stdout=subprocess.DEVNULL,
    )
    while sum(record.attempts for record in await list_rejected(store)) < 2:
        assert redrive.returncode is None
        await asyncio.sleep(0.05)
    redrive.kill()
    await redrive.wait()


@pytest.mark.real
@pytest.mark.slow
def test_the_death_of_one_of_three_brokers_loses_nothing(tmp_path: Path, store_url: str):
    """Producers wait for all in-sync replicas: two of three have every record."""
    with KafkaCluster(fetch_jars(), tmp_path / "kafka", nodes=3) as cluster:
        environment = {
            "SEEDWIRE_HOME": str(tmp_path),
            "SEEDWIRE_STORE": store_url,
            "SEEDWIRE_KAFKA": cluster.bootstrap,
            "SEEDWIRE_KAFKA_REPLICATION": "3",
        }
        processes = Processes(tmp_path, environment)
        try:
            for service in SERVICES:
                processes.start(service)
            stream = SeedStream(5)
            for part in range(4):
                folder = tmp_path / f"drops-{part}"
                write_drops(stream.make_drops(40), folder)
                if part == 1:
                    cluster.kill(2)
                if part == 3:
                    cluster.start_node(2)
                    cluster.wait_until_ready()
                assert_all_answered(processes, folder, 40)
            processes.seedwire("wait", "--timeout", str(DEADLINE_SECONDS), timeout=900)
            audit = processes.seedwire("audit", check=False)
            assert audit.returncode == 0, audit.stdout
            articles = processes.seedwire("list", "--json").stdout.splitlines()
        finally:
            processes.close()
    assert len(articles) == len(stream.articles)


def assert_all_answered(processes: Processes, folder: Path, count: int) -> None:
    dropped = processes.seedwire(
        "drop", str(folder), "--patience", str(DEADLINE_SECONDS), "--json", timeout=900, check=False
    )
    statuses = [json.loads(receipt)["status"] for receipt in dropped.stdout.splitlines()]
    answered = [status for status in statuses if status != "sent"]
    assert len(answered) == count, f"{statuses}\n{dropped.stderr}"
