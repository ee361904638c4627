"""No input stops the line: nasty records are answered, and good seeds beside them published.

SEEDWIRE_NASTY_RECORDS sets how many records the drawn stream has, SEEDWIRE_NASTY_SEED which ones;
`make nasty` runs 2,000 and shows the figures.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from subprocess import Popen
from typing import Any

import pytest

from shared.broker.topic_creation import create_missing_topics
from shared.budgets import MAX_EVENT_BYTES, MAX_RELATED_EXCERPT_CHARACTERS
from shared.events.topics import SEEDS, load_topics
from tests.conftest import Processes
from tests.integration.broker.nasty_records import (
    ACCEPTED,
    ForeignProducer,
    NastyRecord,
    list_nasty_records,
)
from tests.integration.broker.nasty_run import (
    GOOD,
    REDELIVERED,
    SERVICES,
    Answers,
    Pour,
    list_redelivered,
    make_good_record,
    make_title,
    measure_usage,
    pour,
    wait_for,
)
from tests.integration.broker.nasty_stream import NastyStream

RECORDS = int(os.environ.get("SEEDWIRE_NASTY_RECORDS", "250"))
SEED = int(os.environ.get("SEEDWIRE_NASTY_SEED", "1"))
MAX_DELAY_SECONDS = 10.0  # if the machine has nothing else to do
INGEST_LOG = "services.ingest-1.log"
MAX_MEGABYTES = 1_000
RELATIVE_TITLE = "Dock strike at Varnholm halts all ferries to the islands"
# As large as a topic may take that somebody made by hand, with any times.
LENIENT = {
    "max.message.bytes": "32000000",
    "message.timestamp.before.max.ms": str(2**63 - 1),
    "message.timestamp.after.max.ms": str(2**63 - 1),
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def make_relative(number: int) -> NastyRecord:
    """One of eleven articles about one event, with an excerpt of 80,000 characters."""
    text = b"Dockers at Varnholm stopped all ferries; the islands wait for bread and mail. "
    title = RELATIVE_TITLE.encode()
    seed = GOOD % (title, 10, 1_000_000 + number, 90 - number, text * 1_000)
    return NastyRecord("relative", ACCEPTED, seed, b"relative")


@pytest.fixture
async def producer(processes: Processes) -> AsyncIterator[ForeignProducer]:
    topics = []
    for topic in load_topics():
        if topic.name == SEEDS:
            topic = replace(topic, settings=topic.settings | LENIENT)
        topics.append(topic)
    await create_missing_topics(processes.settings, topics)
    foreign = ForeignProducer(processes.settings)
    yield foreign
    await foreign.stop()


@pytest.fixture
async def running(processes: Processes, producer: ForeignProducer) -> dict[str, Popen[bytes]]:
    """All services, the share of invalid records unlimited, at work."""
    return {
        service: processes.start(
            service, SEEDWIRE_INVALID_SHARE="1", SEEDWIRE_INVALID_IN_ROW="9999"
        )
        for service in SERVICES
    }


@pytest.fixture
async def answers(
    processes: Processes, producer: ForeignProducer, running: dict[str, Popen[bytes]]
) -> AsyncIterator[Answers]:
    """What is answered from now on; ingest has answered a first good seed."""
    answers = Answers()
    reading = asyncio.create_task(answers.read(processes.settings))
    first = await producer.send(SEEDS, make_good_record(0))
    await wait_for(lambda: first in answers.statuses, 120, "ingest does not answer at all")
    yield answers
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


async def check_answers(poured: Pour, answers: Answers, processes: Processes) -> None:
    """Every drop is answered once, and as it should be; no good seed had to wait.

    On a machine so busy that ingest misses its heartbeats, its group rebalances. What it had in
    hand then, and nothing else, is answered once more.
    """
    await wait_for(lambda: poured.drops <= answers.statuses.keys(), 300, "drops without receipt")
    assert poured.find_wrong(answers.statuses) == {}
    assert {answers.statuses[drop] for drop in poured.good} == {ACCEPTED}
    share_of_machine = min(1.0, (os.cpu_count() or 1) / os.getloadavg()[0])  # others may test too
    assert max(poured.list_delays(answers)) < MAX_DELAY_SECONDS / share_of_machine
    log = (processes.folder / INGEST_LOG).read_text()
    assert answers.find_unexplained_repeats(list_redelivered(log)) == {}


async def wait_until_done(processes: Processes) -> None:
    wait = partial(processes.seedwire, "wait", "--timeout", "900", timeout=1_000)
    await asyncio.to_thread(wait)


async def check_system(processes: Processes, answers: Answers) -> None:
    """Nothing is sent without end, no promise is broken, and every service works."""
    assert max(answers.sizes) <= MAX_EVENT_BYTES
    redeliveries = 0
    for path in processes.folder.glob("*.log"):
        redeliveries += path.read_text().count(REDELIVERED)
    assert answers.find_endless(redeliveries) == {}
    audit = await asyncio.to_thread(processes.seedwire_json, "audit")
    assert [line for line in audit if line["class"] != "summary"] == []
    (status,) = await asyncio.to_thread(processes.seedwire_json, "status")
    assert {service["state"] for service in status["services"]} == {"working"}
    assert sum(service["counts"]["undelivered"] for service in status["services"]) == 0
    assert status["setAside"] == []
    assert status["rejected"] == Counter(answers.statuses.values())["rejected"]


async def test_the_largest_records_are_answered_and_delay_no_good_seed(
    processes: Processes, producer: ForeignProducer, answers: Answers
):
    relatives = [make_relative(number) for number in range(11)]
    poured = await pour(producer, answers, list_nasty_records("nasty.example"), relatives)
    await check_answers(poured, answers, processes)
    await wait_until_done(processes)
    await wait_for(
        lambda: len(list_relatives(answers)) == 10, 120, "the lead is not published with relatives"
    )
    lengths = {len(entry["excerpt"]) for entry in list_relatives(answers)}
    assert max(lengths) <= MAX_RELATED_EXCERPT_CHARACTERS
    await check_system(processes, answers)


def list_relatives(answers: Answers) -> list[dict[str, Any]]:
    """What the published lead lists as related; nothing while there is none."""
    for event in answers.published.values():
        if event["title"] == RELATIVE_TITLE:
            return list(event["related"])
    return []


async def test_a_drawn_stream_is_answered_and_delays_no_good_seed(
    processes: Processes,
    producer: ForeignProducer,
    running: dict[str, Popen[bytes]],
    answers: Answers,
):
    poured = await pour(producer, answers, NastyStream(SEED).make(RECORDS))
    await check_answers(poured, answers, processes)
    print_figures(poured, answers)
    await wait_until_done(processes)
    titles = {make_title(number) for number in range(len(poured.good) + 1)}
    await wait_for(lambda: titles <= answers.list_titles(), 120, "good seeds not published")
    usages = {service: measure_usage(process) for service, process in running.items()}
    for event, count in answers.sends.most_common(3):
        print(f"sent {count} times: {event}")
    for service, usage in usages.items():
        print(f"{service}: {usage.seconds:.1f} s of CPU, {usage.megabytes:.0f} MB at most")
    assert max(usage.megabytes for usage in usages.values()) < MAX_MEGABYTES
    await check_system(processes, answers)


def print_figures(poured: Pour, answers: Answers) -> None:
    delays = sorted(poured.list_delays(answers))
    statuses = Counter(answers.statuses[drop] for drop in poured.nasty)
    answered = ", ".join(f"{count} {status}" for status, count in statuses.most_common())
    print(f"\n{len(poured.nasty)} nasty records: {answered}")
    median = delays[len(delays) // 2]
    print(
        f"{len(delays)} good seeds: answered within {delays[-1]:.2f} s, half within {median:.2f} s"
    )
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
