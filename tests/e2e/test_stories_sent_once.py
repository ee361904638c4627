"""While nothing fails, every version of a story is sent once, however many workers change it."""

import asyncio
import random
from collections import Counter

from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ignore_progress
from shared.broker.network.connection import fetch_cluster_id, open_producer
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import ENRICHED, SEEDS, STORIES_LOG, STORIES_STATE, load_topics
from shared.settings import Settings
from shared.store import connect
from tests.bench.images.worker_processes import wait_until_working
from tests.conftest import Processes

STORIES = 60
MEMBERS = 4
SERVICES = (
    "services.ingest",
    "services.enrichment.images",
    "services.enrichment.related",
    "services.publishing",
)
IN_PAIRS = SERVICES[2:]  # those that change stories


def render_seed(story: int, member: int) -> bytes:
    """Every member lists the first, so that the story grows with each of them."""
    lines = [
        "---",
        f'title: "Report {member} of affair {story}"',
        "publishedDateTime: 2026-03-02T10:00:00Z",
        f"webUrl: https://paper.example/{story}/{member}",
        f"quality: {60 + 7 * member}",
        "related:",
        f'  - title: "Report 0 of affair {story}"',
        f"    webUrl: https://paper.example/{story}/0",
    ]
    return "\n".join([*lines[: 8 if member else 5], "---", ""]).encode()


async def drop_in_any_order(settings: Settings) -> None:
    seeds = [render_seed(story, member) for story in range(STORIES) for member in range(MEMBERS)]
    random.Random(7).shuffle(seeds)
    async with open_producer(settings) as producer:
        for number, seed in enumerate(seeds):
            await producer.send(SEEDS, seed, key=b"%d" % number)
            if number % 10 == 0:
                await producer.flush()  # in many batches, so that workers meet in one story
        await producer.flush()


async def count_sends(settings: Settings, topic: str) -> Counter[str | None]:
    """How often each event was sent, by its id."""
    cluster = await fetch_cluster_id(settings)
    reader = TopicReader(settings, cluster, topic, ignore_progress)
    return Counter([record.header("ce_id") async for record in reader.read()])


async def start_workers(processes: Processes) -> None:
    """Return once every worker has its partitions: a rebalance may deliver a batch twice."""
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        for service in SERVICES:
            processes.start(service, f"{service}-1")
        await wait_until_working(store, len(SERVICES))
        for service in IN_PAIRS:
            processes.start(service, f"{service}-2")
        await wait_until_working(store, len(SERVICES) + len(IN_PAIRS))
    finally:
        await store.close()


async def test_every_version_of_a_story_is_sent_once_in_calm(processes: Processes):
    processes.environment["SEEDWIRE_RELATED"] = "given"
    await create_missing_topics(processes.settings, load_topics())
    await start_workers(processes)
    await drop_in_any_order(processes.settings)
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "240")
    for topic in (STORIES_LOG, STORIES_STATE):
        sends = await count_sends(processes.settings, topic)
        assert len(sends) > 2 * STORIES
        assert {event: count for event, count in sends.items() if count > 1} == {}
    wake_ups = await count_sends(processes.settings, ENRICHED)
    assert max(wake_ups.values()) <= 5
