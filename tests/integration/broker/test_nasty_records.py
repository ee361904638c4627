"""No input stops the line: nasty records are answered, and good seeds beside them published."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from shared.broker.connection import list_partitions, open_reader
from shared.broker.records import measure_record
from shared.broker.topic_creation import create_missing_topics
from shared.budgets import MAX_EVENT_BYTES, MAX_RELATED_EXCERPT_CHARACTERS
from shared.events.topics import PUBLISHED_LOG, RECEIPTS, REJECTED, SEEDS, load_topics
from shared.settings import Settings
from tests.conftest import Processes
from tests.integration.broker.nasty_records import (
    ACCEPTED,
    ForeignProducer,
    NastyRecord,
    list_nasty_records,
)

SERVICES = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)
GOOD_COUNT = 40
MAX_DELAY_SECONDS = 10.0

GOOD = b"""---
title: "%s"
publishedDateTime: 2026-03-02T%02d:00:00Z
webUrl: "https://good.example/%d"
quality: %d
excerpt: "%s"
---
"""
LETTERS = str.maketrans("0123456789", "ghijklmnop")
RELATIVE_TITLE = "Dock strike at Varnholm halts all ferries to the islands"


def make_title(number: int) -> str:
    """Words that no other good seed has, so that it has no relatives and is published."""
    letters = hashlib.sha256(b"%d" % number).hexdigest().translate(LETTERS)
    return " ".join(letters[start : start + 8] for start in range(0, 40, 8))


def write_good_seed(number: int) -> bytes:
    title = make_title(number).encode()
    return GOOD % (title, number % 24, number, 80, title)


def write_relative(number: int) -> bytes:
    """One of eleven articles about one event, with an excerpt of 80,000 characters."""
    text = b"Dockers at Varnholm stopped all ferries; the islands wait for bread and mail. "
    title = RELATIVE_TITLE.encode()
    return GOOD % (title, 10, 1_000 + number, 90 - number, text * 1_000)


class Answers:
    """The receipts by drop, and when each came; all events that were read."""

    def __init__(self) -> None:
        self.statuses: dict[tuple[int, int], str] = {}
        self.answered_at: dict[tuple[int, int], float] = {}
        self.sizes: list[int] = []
        self.published: dict[bytes, dict[str, Any]] = {}  # by key, without what was retracted

    def add(self, raw: Any) -> None:
        self.sizes.append(measure_record(raw.key, raw.value, raw.headers))
        if raw.topic == RECEIPTS:
            data = json.loads(raw.value)
            drop = (data["seed"]["partition"], data["seed"]["offset"])
            self.statuses[drop] = data["status"]
            self.answered_at.setdefault(drop, time.monotonic())
        elif raw.topic == PUBLISHED_LOG:
            if dict(raw.headers)["ce_type"] == b"article.published":
                self.published[raw.key] = json.loads(raw.value)
            else:
                self.published.pop(raw.key, None)

    def list_titles(self) -> set[str]:
        return {event["title"] for event in self.published.values()}

    async def read(self, settings: Settings) -> None:
        """Read until cancelled."""
        async with open_reader(settings) as client:
            partitions = []
            for topic in (RECEIPTS, REJECTED, PUBLISHED_LOG):
                partitions += await list_partitions(settings, topic)
            client.assign(partitions)
            while True:
                for records in (await client.getmany(timeout_ms=200)).values():
                    for record in records:
                        self.add(record)


@pytest.fixture
async def producer(processes: Processes) -> AsyncIterator[ForeignProducer]:
    """Sends to a topic that takes what is larger than any seed, as one made by hand may."""
    topics = []
    for topic in load_topics():
        if topic.name == SEEDS:
            topic = replace(topic, settings=topic.settings | {"max.message.bytes": "16000000"})
        topics.append(topic)
    await create_missing_topics(processes.settings, topics)
    foreign = ForeignProducer(processes.settings)
    yield foreign
    await foreign.stop()


async def wait_for(condition: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_nasty_records_are_answered_and_delay_no_good_seed(
    processes: Processes, producer: ForeignProducer
):
    for service in SERVICES:
        processes.start(service)
    answers = Answers()
    reading = asyncio.create_task(answers.read(processes.settings))
    warm_up = await producer.send(SEEDS, NastyRecord("first", ACCEPTED, write_good_seed(0), b"0"))
    await wait_for(lambda: warm_up in answers.statuses, 60, "ingest does not answer at all")

    nasty = [*list_nasty_records("nasty.example")]
    good: dict[tuple[int, int], float] = {}
    sent: dict[tuple[int, int], NastyRecord] = {}
    for number in range(1, GOOD_COUNT + 1):
        for record in nasty[number - 1 :: GOOD_COUNT]:
            sent[await producer.send(SEEDS, record)] = record
        seed = NastyRecord("good", ACCEPTED, write_good_seed(number), b"good%d" % number)
        good[await producer.send(SEEDS, seed)] = time.monotonic()
    for number in range(11):
        seed = NastyRecord("relative", ACCEPTED, write_relative(number), b"relative")
        good[await producer.send(SEEDS, seed)] = time.monotonic()

    expected = {drop: record.status for drop, record in sent.items()} | dict.fromkeys(
        good, ACCEPTED
    )
    await wait_for(lambda: expected.keys() <= answers.statuses.keys(), 60, "drops without receipt")
    found = {record.name: answers.statuses[drop] for drop, record in sent.items()}
    assert found == {record.name: record.status for record in nasty}
    assert {answers.statuses[drop] for drop in good} == {ACCEPTED}
    delays = [answers.answered_at[drop] - sent_at for drop, sent_at in good.items()]
    assert max(delays) < MAX_DELAY_SECONDS

    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "120")
    titles = {make_title(number) for number in range(GOOD_COUNT + 1)}
    await wait_for(lambda: titles <= answers.list_titles(), 20, "good seeds not published")
    (lead,) = [event for event in answers.published.values() if event["title"] == RELATIVE_TITLE]
    assert len(lead["related"]) == 10
    lengths = {len(entry["excerpt"]) for entry in lead["related"]}
    assert max(lengths) <= MAX_RELATED_EXCERPT_CHARACTERS
    assert max(answers.sizes) <= MAX_EVENT_BYTES

    audit = await asyncio.to_thread(processes.seedwire_json, "audit")
    assert [line for line in audit if line["class"] != "summary"] == []
    (status,) = await asyncio.to_thread(processes.seedwire_json, "status")
    refused = [record for record in nasty if record.status != ACCEPTED]
    assert status["rejected"] == len(refused)
    assert {service["state"] for service in status["services"]} == {"working"}
    assert sum(service["counts"]["undelivered"] for service in status["services"]) == 0
    reading.cancel()
