"""`seedwire wait` and `status` where linking has work that no record and no mark tells of."""

import asyncio
from typing import Any

from services.enrichment.related.features.signature import build_signatures
from services.enrichment.related.stream import parse_article
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import load_topics
from shared.store import FeedSnapshot
from tests.bench.images.worker_processes import wait_until_working
from tests.conftest import Processes
from tests.integration.related.town_feed import build_lines
from tests.opened_store import opened

ARTICLES = 70
LINKING = "being linked anew"
OUTDATED = FeedSnapshot(1, "table", bytes(4 * 64), 0.125, is_applied=True)


async def prepare(processes: Processes) -> None:
    """Topics, and a store whose statistics are not those of its articles."""
    await create_missing_topics(processes.settings, load_topics())
    articles = [parse_article(line) for line in build_lines(ARTICLES)]
    async with opened(processes.settings.store_url) as store:
        await store.signatures.save(build_signatures(articles))
        await store.feed.publish(OUTDATED)


async def ask(processes: Processes, *arguments: str) -> dict[str, Any]:
    (answer,) = await asyncio.to_thread(processes.seedwire_json, *arguments, check=False)
    return dict(answer)


async def test_without_a_process_of_related_nobody_waits_for_linking(processes: Processes):
    await prepare(processes)
    status = await ask(processes, "status")
    assert status["waiting"][LINKING] == ARTICLES
    answer = await ask(processes, "wait", "--timeout", "280")
    assert answer["done"] is False
    assert answer["waiting"][LINKING] == ARTICLES
    assert answer["absent"] == ["related"]


async def test_where_the_workers_have_relations_given_no_other_shell_waits(processes: Processes):
    await prepare(processes)
    processes.start("services.enrichment.related", SEEDWIRE_RELATED="given")
    async with opened(processes.settings.store_url) as store:
        await wait_until_working(store, 1)
        (heartbeat,) = await store.workers.list_heartbeats()
    assert heartbeat.mode == "given"
    assert (await ask(processes, "wait", "--timeout", "280"))["done"] is True
    assert (await ask(processes, "status"))["waiting"][LINKING] == 0
