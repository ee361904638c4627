"""Pours nasty records beside good seeds, and sees what becomes of all of them."""

import asyncio
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any, Final

from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions
from shared.broker.records import measure_record
from shared.events.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    RECEIPTS,
    REJECTED,
    SEEDS,
    WANTED,
)
from shared.settings import Settings
from tests.integration.broker.nasty_records import (
    ACCEPTED,
    ANY,
    ForeignProducer,
    NastyRecord,
    invent_words,
)

Drop = tuple[int, int]
"""Partition and offset."""

SERVICES: Final = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)
NASTY_PER_GOOD: Final = 10
MAX_UNANSWERED: Final = 50
ANSWER_SECONDS: Final = 300.0
MAX_SENDS: Final = 5  # of one event, while nothing dies and Kafka delivers nothing again
REDELIVERED: Final = "Kafka delivers it again"  # as every service logs it
SPAN: Final = re.compile(rf"\b{re.escape(SEEDS)}/(\d+)/(\d+)-(\d+)")
# fmt: off
GOOD: Final = b"""---
title: "%s"
publishedDateTime: 2026-03-02T%02d:00:00Z
webUrl: "https://good.example/%d"
quality: %d
excerpt: "%s"
---
"""
# fmt: on


def make_title(number: int) -> str:
    """Words that no other seed has, so that it has no relatives and is published."""
    return invent_words(b"%d" % number)


def make_good_record(number: int) -> NastyRecord:
    title = make_title(number).encode()
    seed = GOOD % (title, number % 24, number, 80, title)
    return NastyRecord("good", ACCEPTED, seed, b"good%d" % number)


@dataclass(frozen=True)
class Span:
    """Records of the topic `seeds` that lie side by side."""

    partition: int
    first: int
    last: int

    def has(self, partition: int, offset: int) -> bool:
        return partition == self.partition and self.first <= offset <= self.last


def list_redelivered(log: str) -> list[Span]:
    """What ingest had not committed when Kafka delivered it again, by its *log*."""
    spans = []
    for line in log.splitlines():
        if REDELIVERED in line:
            spans += [Span(*map(int, span)) for span in SPAN.findall(line)]
    return spans


class Answers:
    """The receipts by drop, and when each came; all events that were read, and how often."""

    def __init__(self) -> None:
        self.statuses: dict[Drop, str] = {}
        self.answered_at: dict[Drop, float] = {}
        self.receipts: Counter[Drop] = Counter()
        self.sizes: list[int] = []
        self.published: dict[bytes, dict[str, Any]] = {}  # by key, without what was retracted
        self.sends: Counter[tuple[str, bytes]] = Counter()  # by topic and event id

    def add(self, raw: Any) -> None:
        headers = dict(raw.headers)
        self.sizes.append(measure_record(raw.key, raw.value, raw.headers))
        name = "seedwire-record" if raw.topic == REJECTED else "ce_id"
        self.sends[raw.topic, headers[name] or b""] += 1
        if raw.topic == RECEIPTS:
            data = json.loads(raw.value)
            drop = (data["seed"]["partition"], data["seed"]["offset"])
            self.receipts[drop] += 1
            self.statuses[drop] = data["status"]
            self.answered_at.setdefault(drop, time.monotonic())
        elif raw.topic == PUBLISHED_LOG:
            if b"retracted" in (headers["ce_type"] or b""):
                self.published.pop(raw.key, None)
            else:
                self.published[raw.key] = json.loads(raw.value)

    def find_endless(self, redeliveries: int) -> dict[tuple[str, bytes], int]:
        """The events that were sent too often, and how often; a redelivery may repeat each once."""
        endless = {}
        for event, count in self.sends.items():
            if count > MAX_SENDS + redeliveries:
                endless[event] = count
        return endless

    def find_unexplained_repeats(self, redelivered: Sequence[Span]) -> dict[Drop, int]:
        """The drops that were answered more often than Kafka delivered them."""
        unexplained = {}
        for (partition, offset), count in self.receipts.items():
            spans = [span for span in redelivered if span.has(partition, offset)]
            if count > 1 + len(spans):
                unexplained[partition, offset] = count
        return unexplained

    def list_titles(self) -> set[str]:
        return {event["title"] for event in self.published.values()}

    async def read(self, settings: Settings) -> None:
        """Read until cancelled."""
        async with open_reader(settings) as client:
            partitions = []
            for topic in (RECEIPTS, REJECTED, INGESTED, WANTED, ENRICHED, PUBLISHED_LOG):
                partitions += await list_partitions(settings, topic)
            client.assign(partitions)
            while True:
                for records in (await client.getmany(timeout_ms=200)).values():
                    for record in records:
                        self.add(record)


@dataclass
class Pour:
    """What was sent: nasty records by drop, and good seeds with the time of their sending."""

    nasty: dict[Drop, NastyRecord] = field(default_factory=dict)
    good: dict[Drop, float] = field(default_factory=dict)

    @property
    def drops(self) -> Collection[Drop]:
        return self.nasty.keys() | self.good.keys()

    def find_wrong(self, statuses: dict[Drop, str]) -> dict[str, str]:
        """The nasty records with another status than theirs, by name."""
        wrong = {}
        for drop, record in self.nasty.items():
            if record.status not in (ANY, statuses[drop]):
                wrong[record.name] = statuses[drop]
        return wrong

    def list_delays(self, answers: Answers) -> list[float]:
        """The seconds from the sending of each good seed to its receipt."""
        return [answers.answered_at[drop] - sent_at for drop, sent_at in self.good.items()]


async def pour(
    producer: ForeignProducer,
    answers: Answers,
    nasty: Iterator[NastyRecord],
    others: Sequence[NastyRecord] = (),
) -> Pour:
    """Send *nasty*, and a good seed after each ten of them; then the *others*, which are good.

    As fast as they are answered: what a good seed then waits for is a few nasty records.
    """
    poured = Pour()
    number = 0
    for count, record in enumerate(nasty, start=1):
        await _wait_for_answers(poured, answers)
        poured.nasty[await producer.send(SEEDS, record)] = record
        if count % NASTY_PER_GOOD == 0:
            number += 1
            drop = await producer.send(SEEDS, make_good_record(number))
            poured.good[drop] = time.monotonic()
    for record in others:
        poured.good[await producer.send(SEEDS, record)] = time.monotonic()
    return poured


async def _wait_for_answers(poured: Pour, answers: Answers) -> None:
    await wait_for(
        lambda: len(poured.drops - answers.statuses.keys()) < MAX_UNANSWERED,
        ANSWER_SECONDS,
        "drops without receipt",
    )


async def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.1)


@dataclass(frozen=True)
class Usage:
    """What a process took: seconds of CPU, and the most memory in MB."""

    seconds: float
    megabytes: float


def measure_usage(process: Popen[bytes]) -> Usage:
    """Without its child processes. Zeros where /proc does not say."""
    with suppress(OSError, StopIteration, IndexError):
        folder = Path("/proc", str(process.pid))
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        lines = (folder / "status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024)
    return Usage(0, 0)
