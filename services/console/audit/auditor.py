"""The audit from top to bottom: the topics first, then the store, then a second look.

This order lets it run beside working services. What was announced before the store is read must be
saved there. What the store has and the topics lack is looked for again in what was announced since.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.console.actions.operations.pending_work import load_pending_work
from services.console.audit.breaches import Breach, Report, sort_breaches
from services.console.audit.checks.article_checker import ArticleChecker, PublishedTopics
from services.console.audit.checks.drop_checker import DropChecker
from services.console.audit.checks.orphans import (
    check_aliases_again,
    find_orphans,
    find_suspect_aliases,
)
from services.console.audit.checks.overdue import reclassify_by_age
from services.console.audit.checks.picture_checker import PictureChecker
from services.console.audit.checks.story_checker import StoryChecker
from services.console.audit.repairs.repair_actions import CorrectPicture, RefetchPicture
from services.console.counts import format_count
from services.console.progress import ProgressCallback, ignore_progress
from shared.article import SeedError
from shared.broker.network.connection import fetch_cluster_id
from shared.events.topics import PUBLISHED_LOG
from shared.settings import Settings
from shared.store import Store, StoredArticle, pages

PAGE: Final = 200  # articles read at once
GRACE: Final = timedelta(seconds=120)


async def audit(
    settings: Settings,
    store: Store,
    grace: timedelta = GRACE,
    report_progress: ProgressCallback = ignore_progress,
) -> Report:
    """Check every promise that the topics and the opened *store* can prove. Changes nothing.

    Work that has waited for longer than *grace* while its service is idle is a breach; other work
    under way is pending. Raises DependencyUnavailable.
    """
    cluster = await fetch_cluster_id(settings)
    auditor = Auditor(settings, store, cluster, report_progress)
    report = await auditor.run()
    found = await reclassify_by_age(report.found, store, auditor.lag, grace)
    return replace(report, found=sort_breaches(found))


class Auditor:
    """One audit of one cluster and one store.

    *lag* is the number of records that each service has not handled: the highest seen.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        cluster: str,
        report_progress: ProgressCallback,
    ) -> None:
        self._settings = settings
        self._store = store
        self._report_progress = report_progress
        self._published = PublishedTopics(settings, cluster, report_progress)
        self._articles = ArticleChecker(store, self._published, cluster)
        self._drops = DropChecker(settings, store, cluster, report_progress)
        self._pictures = PictureChecker(store, report_progress)
        self._stories = StoryChecker(settings, store, cluster, report_progress)
        self._ids: set[str] = set()  # of all stored articles
        self._found: list[Breach] = []
        self.lag: dict[str, int] = {}

    async def run(self) -> Report:
        await self._drops.read()
        await self._published.read()
        self._published.take_checkpoint()
        await self._stories.read()
        await self._check_pictures_and_articles()
        self._found += await find_orphans(self._store, self._published, self._ids)
        await self._check_aliases()
        await self._record_lag()
        self._found += [*self._published.log.breaches, *self._published.state.breaches]
        self._found += await self._stories.find_breaches()
        self._found += await self._drops.find_breaches(self._ids)
        return Report(
            found=tuple(await self._add_titles()),
            notes=(*self._list_notes(), *self._stories.list_notes(), *self._drops.notes),
            articles=len(self._ids),
            events=self._published.log.records,
            states=self._published.state.records,
            stories=self._stories.checked,
            pictures=self._pictures.checked,
            drops=self._drops.drops,
            rejected=self._drops.rejected,
        )

    async def _check_pictures_and_articles(self) -> None:
        wrong_pictures = {
            picture.url: breach async for picture, breach in self._pictures.find_breaches()
        }
        articles_by_url = await self._check_articles(wrong_pictures.keys())
        for url, breach in wrong_pictures.items():
            self._found.append(_add_articles(breach, articles_by_url.get(url, ())))

    async def _check_articles(self, wrong_urls: Collection[str]) -> dict[str, list[str]]:
        """Check every article, page by page, and a second time those where something seemed wrong.

        Returns the ids of the articles that name each of *wrong_urls*.
        """
        self._articles.parked = await self._load_parked_urls()
        suspects: dict[str, None] = {}
        articles_by_url: dict[str, list[str]] = {}
        total = (await self._store.articles.counts())["articles"]
        async for page in pages(self._store.articles.list_page, PAGE):
            breaches = await self._articles.check([article.id for article in page])
            suspects |= dict.fromkeys(breach.article_id for breach in breaches)
            if wrong_urls:
                _add_articles_by_url(page, wrong_urls, articles_by_url)
            self._ids.update(article.id for article in page)
            self._report_progress("articles", len(self._ids), total)
        await self._check_again([*suspects])
        return articles_by_url

    async def _check_again(self, suspects: list[str]) -> None:
        """Check once more: services may have worked between two reads, so only this look counts."""
        await self._record_lag()
        self._articles.parked = await self._load_parked_urls()
        for start in range(0, len(suspects), PAGE):
            batch = suspects[start : start + PAGE]
            self._found += await self._articles.check(batch, self._published.read)

    async def _record_lag(self) -> None:
        pending = await load_pending_work(self._settings, self._store)
        for service, number in pending.lag.items():
            self.lag[service] = max(number, self.lag.get(service, 0))

    async def _load_parked_urls(self) -> dict[str, set[str]]:
        urls: dict[str, set[str]] = {}
        for parked in await self._store.parked.list_earliest(limit=None):
            urls.setdefault(parked.article_id, set()).add(parked.url)
        return urls

    async def _check_aliases(self) -> None:
        """Check every alias, and a second time those that seem wrong.

        Ingest claims aliases before it stores their article.
        """
        suspects = await find_suspect_aliases(self._store)
        if suspects:
            await self._record_lag()
            self._found += await check_aliases_again(self._store, suspects)

    async def _add_titles(self) -> list[Breach]:
        """Return the breaches with the titles of their articles, where those can be read."""
        ids = {breach.article_id for breach in self._found if breach.article_id}
        stored = await self._store.articles.get(ids)
        return [
            replace(breach, title=_read_title(stored.get(breach.article_id)))
            for breach in self._found
        ]

    def _list_notes(self) -> Iterator[str]:
        for reader in (self._published.log_reader, self._published.state_reader):
            if not reader.exists:
                yield f"there is no topic {reader.topic}"
        if self._published.log_reader.truncated:
            yield f"the oldest records of {PUBLISHED_LOG} are gone: older ones were not checked"
        histories = self._published.log.histories.values()
        late = sum(history.first > 1 for history in histories)
        if late:
            counted = format_count(late, "article begins", "articles begin")
            yield f"{counted} in {PUBLISHED_LOG} with a later revision than 1: see docs/audit.md"


def _add_articles_by_url(
    page: list[StoredArticle], wanted: Collection[str], articles_by_url: dict[str, list[str]]
) -> None:
    """Add to *articles_by_url* the articles of *page* that name a *wanted* URL."""
    for article in page:
        for url in _read_image_urls(article).intersection(wanted):
            articles_by_url.setdefault(url, []).append(article.id)


def _read_image_urls(stored: StoredArticle) -> set[str]:
    try:
        return {image.url for image in stored.article_without_related.images}
    except SeedError:
        return set()


def _read_title(stored: StoredArticle | None) -> str:
    if stored is None:
        return ""
    try:
        return stored.article_without_related.title
    except SeedError:
        return ""


def _add_articles(breach: Breach, article_ids: Collection[str]) -> Breach:
    """The breach of a picture, with the articles that name the picture."""
    action = breach.repair_action
    if isinstance(action, (RefetchPicture, CorrectPicture)):
        action = replace(action, articles=tuple(article_ids))
    first = next(iter(article_ids), "")
    return replace(breach, article_id=first, repair_action=action)
