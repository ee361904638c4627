"""Checks what became of the drops: committed seeds against receipts and rejected records."""

from collections.abc import AsyncIterator, Collection
from typing import Final

from aiokafka.errors import KafkaError

from services.console.audit.breaches import Breach, Place
from services.console.audit.checks.receipt_checks import Receipts, unknown_article
from services.console.audit.checks.rejected_checks import RejectedRecords, parse_record_id
from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ProgressCallback
from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions
from shared.broker.records import Record
from shared.errors import KafkaUnavailable
from shared.events.topics import RECEIPTS, REJECTED, SEEDS
from shared.settings import Settings
from shared.store import RejectedRecord, Store, pages

GROUP: Final = "seedwire.ingest"


class DropChecker:
    """Call `read` before the articles are read, and `find_breaches` after.

    Ingest writes a receipt after the article that it names.
    """

    def __init__(
        self, settings: Settings, store: Store, cluster: str, report_progress: ProgressCallback
    ) -> None:
        self._settings = settings
        self._store = store
        self._cluster = cluster
        self._readers = {
            topic: TopicReader(settings, cluster, topic, report_progress)
            for topic in (SEEDS, RECEIPTS, REJECTED)
        }
        self._receipts = Receipts()
        self._rejected = RejectedRecords()
        self._found: list[Breach] = []
        self.notes: list[str] = []
        self.drops = 0
        self.rejected = 0

    async def read(self) -> None:
        """Read committed offsets first, then receipts: ingest sends a receipt, then commits."""
        committed = await load_committed_offsets(self._settings, SEEDS, GROUP)
        async for record in self._readers[RECEIPTS].read():
            self._receipts.add(record)
        announced = [record async for record in self._readers[REJECTED].read()]
        async for rejected in self._load_rejected():
            self._rejected.add_stored(rejected)
        self.rejected = len(self._rejected.digests)
        for record in announced:
            self._rejected.add_announced(record)
        async for record in self._readers[SEEDS].read(committed):
            self.drops += 1
            if not self._may_lack_receipt(record):
                self._found += self._receipts.check_drop(record, self._rejected)

    def _may_lack_receipt(self, seed: Record) -> bool:
        """Whether retention may have removed its receipt."""
        horizon = self._readers[RECEIPTS].horizon
        return horizon is not None and seed.timestamp <= horizon

    async def find_breaches(self, stored_ids: Collection[str]) -> list[Breach]:
        """*stored_ids*: the ids of all stored articles."""
        unannounced = await self._find_unannounced()
        found = [*self._found, *self._receipts.breaches, *self._rejected.breaches]
        return [*found, *unannounced, *self._find_unknown(stored_ids)]

    async def _find_unannounced(self) -> list[Breach]:
        """Find rejected records of the store that are not in `seeds.rejected`."""
        if self._readers[RECEIPTS].truncated or self._readers[REJECTED].truncated:
            note = "the oldest receipts or rejected records are gone: older drops were not checked"
            self.notes.append(note)
            return []
        if not await self._check_announced():
            return []
        async for record in self._readers[REJECTED].read():  # a service may have sent them since
            self._rejected.announced.add(parse_record_id(record) or "")
        return await self._check_announced()

    async def _check_announced(self) -> list[Breach]:
        breaches: list[Breach] = []
        async for rejected in self._load_rejected():
            breaches += self._rejected.check_announced(rejected, self._cluster)
        return breaches

    def _find_unknown(self, stored_ids: Collection[str]) -> list[Breach]:
        """Find articles that a receipt names although they are not in the store."""
        last_drops: dict[str, tuple[int, int]] = {}
        for drop, receipt in self._receipts.by_drop.items():
            if receipt.article_id and receipt.article_id not in stored_ids:
                last_drops[receipt.article_id] = drop
        breaches = []
        for article_id, (partition, offset) in last_drops.items():
            place = Place(topic=SEEDS, partition=partition, offset=offset)
            breaches.append(unknown_article(article_id, place))
        return breaches

    async def _load_rejected(self) -> AsyncIterator[RejectedRecord]:
        async for page in pages(self._store.rejected.list_page):
            for rejected in page:
                yield rejected


async def load_committed_offsets(settings: Settings, topic: str, group: str) -> dict[int, int]:
    """The offset that *group* has committed, by partition; those without one are left out.

    Raises KafkaUnavailable.
    """
    assigned = await list_partitions(settings, topic)
    if not assigned:
        return {}
    committed: dict[int, int] = {}
    async with open_reader(settings, group) as client:
        client.assign(assigned)
        try:
            for partition in assigned:
                offset = await client.committed(partition)
                if offset is not None:
                    committed[partition.partition] = int(offset)
        except KafkaError as error:
            sentence = f"the committed offsets of {group} cannot be read: {error!r}"
            raise KafkaUnavailable(sentence) from error
    return committed
