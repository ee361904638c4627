"""Ingest takes whatever Kafka takes: it answers each record, and none breaks its batch."""

import asyncio
import json
import signal
from collections.abc import Sequence
from typing import Any

from shared.broker.network.connection import open_producer, open_reader
from shared.broker.network.partitions import list_partitions
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import RECEIPTS, REJECTED, SEEDS, load_topics
from shared.settings import Settings
from tests.conftest import Processes

GOOD = b"""---
title: "Dock strike at Varnholm"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/%s"
---
"""

Raw = tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]

HOSTILE: list[Raw] = [
    (None, GOOD % b"no-key-no-header", []),
    (b"\xff\xfe", GOOD % b"junk-key", []),
    (b"k", GOOD % b"junk-header", [("x", b"\xff\xfe\xfd")]),
    (b"k", GOOD % b"null-header", [("x", None)]),
    (
        b"k",
        GOOD % b"traceparent",
        [("traceparent", b"nonsense"), ("content-type", b"application/json")],
    ),
    (b"k", b"1", []),
    (b"k", b'{"title": "JSON is no seed"}', [("content-type", b"application/json")]),
    (b"k", b'"text"', []),
    (b"k", b"", []),
    (b"k", None, []),
    (b"k", b"\xff\x00\x80", []),
    (b"k", b"---\n" + b"[" * 100_000, []),
    (b"k", GOOD % b"last", []),
]
GOOD_COUNT = sum(value is not None and b"Dock strike" in value for _, value, _ in HOSTILE)


async def send(settings: Settings, records: Sequence[Raw]) -> set[tuple[int, int]]:
    """Send as a foreign producer would; returns partition and offset of each."""
    await create_missing_topics(settings, load_topics())
    async with open_producer(settings) as client:
        sent = [
            await client.send_and_wait(SEEDS, value, key=key, headers=headers)
            for key, value, headers in records
        ]
    return {(metadata.partition, metadata.offset) for metadata in sent}


async def read_answers(settings: Settings, topic: str, wanted: set[tuple[int, int]]) -> list[Any]:
    """Records of *topic* until every wanted seed was answered there."""
    found: list[Any] = []
    async with open_reader(settings) as client, asyncio.timeout(60):
        client.assign(await list_partitions(settings, topic))
        while {find_origin(record) for record in found} < wanted:
            for records in (await client.getmany(timeout_ms=500)).values():
                found += [record for record in records if find_origin(record) in wanted]
    return found


def find_origin(record: Any) -> tuple[int, int]:
    if record.topic == REJECTED:
        _, _, partition, offset = dict(record.headers)["seedwire-record"].decode().split("/")
        return int(partition), int(offset)
    seed = json.loads(record.value)["seed"]
    return seed["partition"], seed["offset"]


async def test_every_record_that_kafka_takes_is_answered(processes: Processes):
    ingest = processes.start("services.ingest")
    sent = await send(processes.settings, HOSTILE)
    receipts = await read_answers(processes.settings, RECEIPTS, sent)
    statuses = [json.loads(r.value)["status"] for r in receipts]
    assert len(statuses) == len(HOSTILE)
    assert statuses.count("accepted") == GOOD_COUNT
    assert statuses.count("rejected") == len(HOSTILE) - GOOD_COUNT
    ingest.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(ingest.wait, 30) == 0


async def test_a_rejected_record_keeps_its_bytes_key_and_headers(processes: Processes):
    processes.start("services.ingest")
    raw: Raw = (b"\xffkey", b"\xff\x00body", [("x", b"\xfe"), ("y", None)])
    sent = await send(processes.settings, [raw])
    (rejected,) = await read_answers(processes.settings, REJECTED, sent)
    assert (rejected.key, rejected.value) == raw[:2]
    originals = [header for header in rejected.headers if header[0].startswith("original-")]
    assert originals == [("original-x", b"\xfe"), ("original-y", None)]
    causes = json.loads(dict(rejected.headers)["seedwire-causes"])
    assert causes[0]["message"]


async def test_a_second_process_takes_over_from_a_killed_one(processes: Processes):
    ingest = processes.start("services.ingest")
    first = await send(processes.settings, [(b"k", GOOD % b"before", [])])
    await read_answers(processes.settings, RECEIPTS, first)
    ingest.kill()
    ingest.wait()
    second = await send(processes.settings, [(b"k", GOOD % b"after", [])])
    processes.start("services.ingest")
    receipts = await read_answers(processes.settings, RECEIPTS, second)
    assert [json.loads(r.value)["status"] for r in receipts] == ["accepted"]
