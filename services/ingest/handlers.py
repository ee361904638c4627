"""What ingest does with a batch of seeds, in its sweep, and for a new Kafka cluster.

Every drop gets one receipt. Each step has a file of its own: `seed_record` parses and validates a
record, `identity` says which aliases it claims, `drop_outcome` applies a drop to its article, and
`batch_save` saves the articles of a batch.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta

from services.ingest.batch_save import SavedDrop, save_drops
from services.ingest.mended_cases import MendedCases
from services.ingest.seed_record import (
    Drop,
    InvalidDrop,
    parse_drop,
    select_invalid,
    select_valid,
)
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.concurrency.event_loop import LoopYielder
from shared.events.article_events import build_article_ingested
from shared.events.receipt_events import build_seed_receipt
from shared.events.rejections import build_rejection, keep_rejected
from shared.store import Store, StoredArticle, pages

log = logging.getLogger(__name__)


class IngestHandler:
    """Every method returns events to send, and may be repeated at any point."""

    def __init__(
        self, clock: Clock, overdue_seconds: float, has_given_relations: bool = False
    ) -> None:
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._has_given_relations = has_given_relations
        self._mended = MendedCases(clock)

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        drops = await parse_drops(records)
        await failpoints.hit("parsed")
        valid = select_valid(drops)
        saved = await save_drops(valid, store, self._clock, self._has_given_relations)
        await failpoints.hit("saved")
        rejections = await self._reject(select_invalid(drops), store)
        await failpoints.hit("rejected")
        articles = [drop.article for drop in saved]
        announcements = build_announcements(articles)
        if self._has_given_relations:
            announcements += build_new_alias_events(saved)
        return [*announcements, *rejections, *build_receipts(saved)]

    async def sweep(self, store: Store) -> list[Event]:
        """Announce versions that were saved long ago and never announced."""
        before = self._clock() - self._overdue
        return build_announcements(await store.articles.find_unannounced(saved_before=before))

    async def close_mended(self, store: Store) -> list[Event]:
        """The periodic task: close cases of seeds that were mended and dropped again."""
        closed = await self._mended.close_some(store)
        if closed:
            log.info(
                "%d rejected seeds were mended and dropped again: their cases are closed", closed
            )
        return []

    async def resend(self, store: Store) -> AsyncIterator[list[Event]]:
        """For a new cluster with empty topics: every article that enrichment has not finished."""
        async for page in pages(store.articles.list_page):
            events: list[Event] = []
            for article in page:
                if article.pending & {"announcement", "images", "related"}:
                    events.append(build_article_ingested(article))
            yield events

    async def _reject(self, drops: Sequence[InvalidDrop], store: Store) -> list[Event]:
        """Keep invalid drops in the store; returns their rejections, then their receipts."""
        kept, rejections, receipts = [], [], []
        yielder = LoopYielder()
        for drop in drops:
            rejected, event = build_rejection(drop.record, "ingest", drop.causes, self._clock())
            kept.append(rejected)
            rejections.append(event)
            receipts.append(build_seed_receipt(drop.record, "rejected", None, drop.causes))
            await yielder.yield_if_due()
        await keep_rejected(kept, store)
        return [*rejections, *receipts]


async def parse_drops(records: Iterable[Record]) -> list[Drop]:
    """A record may take half a second, and a batch has hundreds."""
    drops: list[Drop] = []
    yielder = LoopYielder()
    for record in records:
        drops.append(parse_drop(record))
        await yielder.yield_if_due()
    return drops


def build_announcements(articles: Iterable[StoredArticle]) -> list[Event]:
    """One event for each article whose latest version is saved but not yet announced.

    It does not matter whether this batch or an earlier one, which crashed, saved the version.
    """
    latest = {article.id: article for article in articles}
    unannounced = [article for article in latest.values() if "announcement" in article.pending]
    return [build_article_ingested(article) for article in unannounced]


def build_new_alias_events(saved: Iterable[SavedDrop]) -> list[Event]:
    """One event for each article to which relations may be found by its new aliases."""
    grown = {drop.article.id: drop.article for drop in saved if drop.has_new_aliases}
    unannounced = [article for article in grown.values() if "announcement" not in article.pending]
    return [build_article_ingested(article) for article in unannounced]


def build_receipts(saved: Iterable[SavedDrop]) -> list[Event]:
    receipts: list[Event] = []
    for answered in saved:
        drop = answered.drop
        receipt = build_seed_receipt(
            drop.record, answered.status, answered.article.id, warnings=drop.warnings
        )
        receipts.append(receipt)
    return receipts
