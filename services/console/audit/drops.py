"""Reads what became of the drops: `seeds` up to what ingest has committed, receipts, and rejected records."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime

from aiokafka.errors import KafkaError

from services.console.audit.breaches import Breach, Place
from services.console.audit.receipts import Kept, Receipts, origin, unknown_article
from services.console.audit.topic_reader import Advance, TopicReader
from shared.broker.connection import partitions, reader
from shared.broker.records import Record
from shared.broker.topics import RECEIPTS, REJECTED, SEEDS
from shared.errors import BrokerAway
from shared.settings import Settings
from shared.store import Rejected, Store

GROUP = "seedwire.ingest"


class Drops:
    """`read` before the articles are read, `breaches` after: a receipt is written after what it speaks of."""

    def __init__(self, settings: Settings, store: Store, cluster: str, advance: Advance) -> None:
        self._settings = settings
        self._store = store
        self._cluster = cluster
        self._readers = {
            topic: TopicReader(settings, cluster, topic, advance)
            for topic in (SEEDS, RECEIPTS, REJECTED)
        }
        self._receipts, self._kept = Receipts(), Kept()
        self._committed: dict[int, int] = {}
        self._found: list[Breach] = []
        self.notes: list[str] = []
        self.taken_in = 0
        self.rejected = 0

    async def read(self) -> None:
        """Offsets first, then receipts: whatever is committed was answered before."""
        self._committed = await committed(self._settings, SEEDS, GROUP)
        async for record in self._readers[RECEIPTS].read():
            self._receipts.fold(record)
        rejected = [record async for record in self._readers[REJECTED].read()]
        async for one in self._rejected():
            self._kept.add(one)
        self.rejected = len(self._kept.digests)
        for record in rejected:
            self._kept.fold(record)
        async for record in self._readers[SEEDS].read(self._committed):
            self.taken_in += 1
            self._judge(record)

    def _judge(self, seed: Record) -> None:
        gone = self._readers[RECEIPTS].horizon
        if not self._answer_is_gone(seed, gone):
            self._found += self._receipts.judge(seed, self._kept)

    def _answer_is_gone(self, seed: Record, horizon: datetime | None) -> bool:
        return horizon is not None and seed.timestamp <= horizon

    async def breaches(self, articles: Collection[str]) -> list[Breach]:
        """*articles*: the ids of all that are stored."""
        untold = [
            breach
            async for one in self._rejected()
            for breach in self._kept.untold(one, self._cluster)
        ]
        if any(self._readers[topic].truncated for topic in (RECEIPTS, REJECTED)):
            self.notes.append(
                "the oldest receipts or rejected records are gone: older drops were not judged"
            )
            untold = []
        if untold:  # they may have been sent meanwhile
            async for record in self._readers[REJECTED].read():
                self._kept.told.add(origin(record) or "")
            untold = [
                breach
                async for one in self._rejected()
                for breach in self._kept.untold(one, self._cluster)
            ]
        return [
            *self._found,
            *self._receipts.breaches,
            *self._kept.breaches,
            *untold,
            *self._unknown(articles),
        ]

    def _unknown(self, articles: Collection[str]) -> list[Breach]:
        named = {
            answer.article_id: drop
            for drop, answer in self._receipts.answers.items()
            if answer.article_id
        }
        return [
            unknown_article(article_id, Place(topic=SEEDS, partition=drop[0], offset=drop[1]))
            for article_id, drop in named.items()
            if article_id not in articles
        ]

    async def _rejected(self) -> AsyncIterator[Rejected]:
        after = ""
        while page := await self._store.rejected.page(after):
            for one in page:
                yield one
            after = page[-1].id


async def committed(settings: Settings, topic: str, group: str) -> dict[int, int]:
    """The offset that *group* has committed, by partition; partitions without one are left out."""
    assigned = await partitions(settings, topic)
    if not assigned:
        return {}
    async with reader(settings, group) as client:
        client.assign(assigned)
        try:
            offsets = {p.partition: await client.committed(p) for p in assigned}
        except KafkaError as error:
            raise BrokerAway(f"what {group} has committed cannot be read: {error!r}") from error
    return {number: int(offset) for number, offset in offsets.items() if offset is not None}
