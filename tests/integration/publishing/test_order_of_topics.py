"""The state of a revision is in `published.state` before `published.log` tells of it.

So a reader who notes the ends of the log, reads the state to its end and then follows the log from
the noted ends misses nothing, whatever its clock says. Publishing is killed in the middle of its
sends, again and again, and before each time a consumer starts whose clock is wrong.
"""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from services.console.audit.topics.topic_reader import TopicReader
from services.console.conformance.consumer_process import ConsumerProcess
from services.console.conformance.judgement import Transcript
from services.console.progress import ignore_progress
from shared.broker.network.connection import fetch_cluster_id, open_producer
from shared.broker.records import Record
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import create_missing_topics
from shared.events.article_events import build_article_enriched
from shared.events.cloud_event import read_kind
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, load_topics
from shared.settings import Settings
from shared.store import AliasClaim, ArticleWrite, Store, StoredArticle, connect
from tests.conftest import ROOT, Processes

ARTICLES = [f"a{number}" for number in range(12)]
PUBLISHED, NOT_PUBLISHED = 80, 10  # qualities
# What is not announced is sent again by the next process, so there is ever more to send.
KILLED_AT_SEND = [2, 5, 8, 12, 17]
SEND_DELAY = 0.03  # so that a send has arrived, and is seen, before the next one
DEADLINE_SECONDS = 120
WRONG_BY_SECONDS = (600, -600)  # the clocks of consumers, by turns
WRONG_CLOCK = Path(__file__).parent / "wrong_clock"
CONSUMER = ROOT / "examples" / "python" / "consumer.py"


class Newsroom:
    """Articles that every edition publishes, changes or retracts."""

    def __init__(self, store: Store, sender: Sender) -> None:
        self.store, self.sender = store, sender
        self._chance = random.Random(3)
        self._edition = 0

    async def publish_edition(self) -> None:
        self._edition += 1
        for article_id in ARTICLES:
            await self._save(article_id)
        cause = f"edition{self._edition}"
        events = [build_article_enriched(article_id, "related", cause) for article_id in ARTICLES]
        assert await self.sender.send(events) == []

    async def _save(self, article_id: str) -> None:
        alias, now = f"paper.example/{article_id}", datetime.now(UTC)
        quality = self._chance.choice([PUBLISHED, PUBLISHED, NOT_PUBLISHED])
        seed = (
            f'---\ntitle: "Edition {self._edition} of {article_id}"\nquality: {quality}\n'
            f"publishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: https://{alias}\n---\n"
        )
        version = self._edition
        if version == 1:
            await self.store.articles.claim_aliases([AliasClaim(article_id, (alias,))])
        article = StoredArticle(article_id, seed.encode(), version, (alias,), now, now)
        assert await self.store.articles.save([ArticleWrite(article, version - 1)]) == [True]
        await self.store.articles.mark_announced({article_id: version})
        await self.store.articles.complete_stage("images", {article_id: version})
        await self.store.articles.complete_stage("related", {article_id: version})

    async def is_announced(self) -> bool:
        waiting = await self.store.articles.get_pending_versions("decision", ARTICLES)
        return not waiting and not await self.store.decisions.find_unannounced()


class Watcher:
    """Reads both topics as the contract tells consumers to: notes the log, then reads the state."""

    def __init__(self, settings: Settings, cluster: str) -> None:
        self._settings, self._cluster = settings, cluster
        self._state = self._reader(PUBLISHED_STATE)
        self._log = self._reader(PUBLISHED_LOG)
        self.states: dict[str, int] = {}  # the highest revision of each article
        self.shown: dict[str, bytes | None] = {}  # its last record
        self.logged: dict[str, Record] = {}
        self.too_early: list[str] = []

    async def look(self) -> None:
        seen_so_far = [record async for record in self._log.read()]
        async for record in self._state.read():
            article_id = (record.key or b"").decode()
            self.states[article_id] = max(read_revision(record), self.states.get(article_id, 0))
            self.shown[article_id] = record.value
        for record in seen_so_far:
            article_id, revision = (record.key or b"").decode(), read_revision(record)
            if revision > self.states.get(article_id, 0):
                self.too_early.append(f"{article_id}.{revision}")
            self.logged[article_id] = record

    def _reader(self, topic: str) -> TopicReader:
        return TopicReader(self._settings, self._cluster, topic, ignore_progress)


class Consumers:
    """The example for other teams, started again and again, each with a clock that is wrong."""

    def __init__(self, folder: Path, kafka: str) -> None:
        self._folder, self._kafka = folder, kafka
        self._running: list[ConsumerProcess] = []

    async def start_another(self) -> None:
        number = len(self._running)
        folder = self._folder / f"consumer-{number}"
        folder.mkdir()
        seconds = WRONG_BY_SECONDS[number % len(WRONG_BY_SECONDS)]
        wrong = (f"PYTHONPATH={WRONG_CLOCK}:{ROOT}", f"WRONG_CLOCK_SECONDS={seconds}")
        command = ("env", *wrong, sys.executable, str(CONSUMER))
        self._running.append(await ConsumerProcess.start(command, folder, self._kafka))

    async def check_all_show(self, expected: dict[str, int]) -> None:
        """Each ends with these revisions of articles, whenever it started."""
        for consumer in self._running:
            transcript = consumer.transcript
            await consumer.wait_until(partial(_shows, transcript, expected), DEADLINE_SECONDS)
            await consumer.stop(DEADLINE_SECONDS)
            assert (transcript.faults, transcript.final) == ([], expected)

    async def kill(self) -> None:
        for consumer in self._running:
            await consumer.kill()


def _shows(transcript: Transcript, expected: dict[str, int]) -> bool:
    return transcript.shown == expected


def read_revision(record: Record) -> int:
    _, number, *_ = (record.header("ce_id") or "").split(".")
    return int(number)


@pytest.mark.timeout(600)
async def test_nothing_stands_in_the_log_that_the_state_does_not_have(processes: Processes):
    processes.environment |= {
        "SEEDWIRE_SESSION_TIMEOUT_MS": "2000",
        "SEEDWIRE_PUBLISH_OVERDUE_SECONDS": "600",  # or its wake-ups would be the sends to die at
        "SEEDWIRE_SOURCE": "https://paper.example/test",
    }
    consumers = Consumers(processes.folder, processes.environment["SEEDWIRE_KAFKA"])
    async with open_newsroom(processes.settings) as (newsroom, watcher):
        await newsroom.publish_edition()
        first = processes.start("services.publishing")
        await watch_until_announced(newsroom, watcher)
        first.kill()
        for number in KILLED_AT_SEND:
            await newsroom.publish_edition()
            await consumers.start_another()
            failpoints = f"sending=delay({SEND_DELAY})@*;sending=kill@{number}"
            publishing = processes.start("services.publishing", SEEDWIRE_FAILPOINTS=failpoints)
            await watch_until_dead(publishing, watcher)
        await newsroom.publish_edition()
        processes.start("services.publishing")
        await watch_until_announced(newsroom, watcher)
        assert watcher.too_early == []
        await check_all_agree(newsroom, watcher)
        try:
            await consumers.check_all_show(await list_published(newsroom))
        finally:
            await consumers.kill()


@asynccontextmanager
async def open_newsroom(settings: Settings) -> AsyncIterator[tuple[Newsroom, Watcher]]:
    await create_missing_topics(settings, load_topics())
    cluster = await fetch_cluster_id(settings)
    store = connect(settings.store_url)
    await store.open()
    try:
        async with open_producer(settings) as producer:
            watcher = Watcher(settings, cluster)
            await watcher.look()
            yield Newsroom(store, Sender(producer)), watcher
    finally:
        await store.close()


async def watch_until_dead(publishing: subprocess.Popen[bytes], watcher: Watcher) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while publishing.poll() is None:
            await watcher.look()
    assert publishing.returncode < 0
    await watcher.look()


async def watch_until_announced(newsroom: Newsroom, watcher: Watcher) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await newsroom.is_announced():
            await watcher.look()
    await watcher.look()


async def list_published(newsroom: Newsroom) -> dict[str, int]:
    """The revision of each published article."""
    decisions = await newsroom.store.decisions.get(ARTICLES)
    published = [decision for decision in decisions.values() if decision.published]
    return {decision.article_id: decision.revision for decision in published}


async def check_all_agree(newsroom: Newsroom, watcher: Watcher) -> None:
    """The store, the last state and the last record of the log say the same of each article."""
    decisions = await newsroom.store.decisions.get(ARTICLES)
    for article_id, decision in decisions.items():
        if decision.latest is None:
            assert article_id not in watcher.states
            continue
        assert watcher.logged[article_id].value == decision.latest.data
        shown = decision.latest.data if decision.published else None
        assert watcher.shown[article_id] == shown
        assert watcher.states[article_id] == decision.revision
    kinds = {read_kind(record) for record in watcher.logged.values()}
    assert {"article.updated", "article.retracted"} <= kinds
    assert max(watcher.states.values()) > len(KILLED_AT_SEND) / 2
