"""Checks articles by id: reads what the store holds, and compares it with the published topics."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace

from services.console.audit.breaches import Breach
from services.console.audit.checks import store_checks
from services.console.audit.checks.listing_checks import check_listing
from services.console.audit.checks.readable_snapshots import load_readable
from services.console.audit.repairs.repair_actions import DecideAgain, RestoreDecision
from services.console.audit.topics.published_topics import PublishedLog, PublishedState
from services.console.audit.topics.topic_checks import TopicView, check_published, is_created_in
from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ProgressCallback
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.settings import Settings
from shared.store import Decision, Link, Revision, Store, StoredArticle
from shared.views.article_snapshot import ArticleSnapshot


class PublishedTopics:
    """`published.log` and `published.state`, read as far as they went."""

    def __init__(self, settings: Settings, cluster: str, report_progress: ProgressCallback) -> None:
        self.log = PublishedLog()
        self.state = PublishedState()
        self.log_reader = TopicReader(settings, cluster, PUBLISHED_LOG, report_progress)
        self.state_reader = TopicReader(settings, cluster, PUBLISHED_STATE, report_progress)

    async def read(self) -> None:
        """Read on from where the last read ended. Raises KafkaUnavailable."""
        async for record in self.log_reader.read():
            self.log.add(record)
        async for record in self.state_reader.read():
            self.state.add(record)

    def take_checkpoint(self) -> None:
        """Call this before reading the store."""
        self.log.take_checkpoint()
        self.state.take_checkpoint()


class ArticleChecker:
    """*parked* holds the URLs of parked work by article; the caller keeps it up to date."""

    def __init__(self, store: Store, published: PublishedTopics, cluster: str) -> None:
        self._store = store
        self._published = published
        self._cluster = cluster
        self.parked: dict[str, set[str]] = {}

    async def check(
        self, ids: Collection[str], read_on: Callable[[], Awaitable[None]] | None = None
    ) -> list[Breach]:
        """Return every breach of these articles.

        *read_on* is awaited after the store was read and before the topics are compared with it.
        """
        snapshots, breaches = await load_readable(self._store, ids)
        due = await self._load_due(ids)
        if read_on:
            await read_on()
        for article_id, snapshot in snapshots.items():
            breaches += self._check_published(snapshot, due.get(article_id, []))
            breaches += self._check_stored(snapshot)
        breaches += await self._check_references(snapshots.values())
        breaches += await self._check_listings(snapshots)
        return breaches

    async def _load_due(self, ids: Collection[str]) -> dict[str, list[Revision]]:
        due: dict[str, list[Revision]] = {}
        for revision in await self._store.decisions.find_unannounced(ids, limit=None):
            due.setdefault(revision.article_id, []).append(revision)
        return due

    def _check_published(self, snapshot: ArticleSnapshot, due: list[Revision]) -> Iterator[Breach]:
        article_id, published = snapshot.article.id, self._published
        view = TopicView(
            history=published.log.histories.get(article_id),
            state=published.state.latest.get(article_id),
            state_checkpoint=published.state.checkpoint.get(article_id, 0),
            is_from_this_cluster=is_created_in(self._cluster, snapshot.article),
            horizon=published.log_reader.horizon,
        )
        return check_published(article_id, snapshot.decision, due, view)

    def _check_stored(self, snapshot: ArticleSnapshot) -> Iterator[Breach]:
        """Check the article in the store. A decision that is gone is restored from the log."""
        article_id = snapshot.article.id
        history = self._published.log.histories.get(article_id)
        for breach in store_checks.check_decision(snapshot, self.parked):
            can_restore = snapshot.decision is None and isinstance(
                breach.repair_action, DecideAgain
            )
            if history and can_restore:
                restore = RestoreDecision(article_id, history.last)
                yield replace(breach, repair_action=restore)
            else:
                yield breach
        yield from store_checks.check_pictures(snapshot, self.parked)

    async def _check_listings(self, snapshots: Mapping[str, ArticleSnapshot]) -> list[Breach]:
        """Check the listings of articles that nobody changed while they were read."""
        listings = await self._store.listings.get(snapshots)
        suspects: dict[str, list[Breach]] = {}
        for article_id, snapshot in snapshots.items():
            listing = listings.get(article_id)
            suspects[article_id] = [*check_listing(snapshot.article, snapshot.decision, listing)]
        articles = await self._store.articles.get([key for key, found in suspects.items() if found])
        decisions = await self._store.decisions.get(articles)
        breaches: list[Breach] = []
        for article_id, article in articles.items():
            snapshot = snapshots[article_id]
            if (article, decisions.get(article_id)) == (snapshot.article, snapshot.decision):
                breaches += suspects[article_id]
        return breaches

    async def _check_references(self, snapshots: Collection[ArticleSnapshot]) -> list[Breach]:
        """Check what these articles refer to: relatives, aliases and leads."""
        checked: dict[str, StoredArticle] = {}
        aliases: set[str] = set()
        referenced: set[str] = set()
        for snapshot in snapshots:
            checked[snapshot.article.id] = snapshot.article
            aliases.update(snapshot.article.aliases)
            if snapshot.decision:
                referenced.add(snapshot.decision.lead)
        links = await self._store.links.get(checked)
        relatives = _list_relatives(links)
        links |= await self._store.links.get(relatives - links.keys())
        owners = await self._store.articles.resolve_aliases(aliases)
        referenced |= {*relatives, *owners.values()}
        stored = checked | await self._store.articles.get(referenced - checked.keys())
        breaches: list[Breach] = []
        for snapshot in snapshots:
            article = snapshot.article
            breaches += store_checks.check_links(article.id, links, stored)
            breaches += store_checks.check_aliases(article, owners, stored)
            breaches += _check_lead(article, snapshot.decision, stored)
        return breaches


def _list_relatives(links: Mapping[str, list[Link]]) -> set[str]:
    relatives: set[str] = set()
    for article_id, article_links in links.items():
        relatives.update(link.other(article_id) for link in article_links)
    return relatives


def _check_lead(
    article: StoredArticle, decision: Decision | None, stored: Collection[str]
) -> Iterator[Breach]:
    if decision and not article.pending:
        yield from store_checks.check_lead(decision, stored)
