"""The audit, top to bottom: topics first, then the store, then a second look at whatever seemed wrong.

In that order, so that it may run beside working services: what was announced before the store is read must be saved
there; what the store has and the topics lacked is looked for again in what was announced since.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.console.actions.pending_work import left
from services.console.audit import articles
from services.console.audit.article_checks import Judge, Published
from services.console.audit.breaches import Breach, Place, Promise, Report, kept_in, ordered
from services.console.audit.drops import Drops
from services.console.audit.overdue import judged_by_age
from services.console.audit.pictures import Pictures
from services.console.audit.repair_actions import Refetch, Remeasure
from services.console.audit.topic_reader import Advance
from shared.article import SeedError
from shared.broker.connection import cluster_id
from shared.broker.topics import PUBLISHED_LOG
from shared.settings import Settings
from shared.store import Decision, Store, StoredArticle

PAGE: Final = 200  # articles read at once
GRACE: Final = timedelta(seconds=120)


def quiet(what: str, done: int, total: int) -> None:
    """Progress for nobody."""


async def audit(
    settings: Settings, store: Store, grace: timedelta = GRACE, advance: Advance = quiet
) -> Report:
    """Check every promise that can be read from the topics and the opened *store*. Changes nothing.

    What waits for longer than *grace*, with nothing before it in the topics, is a breach; what waits otherwise is
    pending. *advance* is told how far it is: what is read, how much of it, of how much. Raises EngineAway.
    """
    cluster = await cluster_id(settings)
    auditor = Auditor(settings, store, cluster, advance)
    report = await auditor.look()
    return replace(
        report, found=ordered(await judged_by_age(report.found, store, auditor.lag, grace))
    )


class Auditor:
    """One look at one cluster and one store."""

    def __init__(self, settings: Settings, store: Store, cluster: str, advance: Advance) -> None:
        self._settings = settings
        self._store = store
        self._cluster = cluster
        self._advance = advance
        self._published = Published.of(settings, cluster, advance)
        self._judge = Judge(store, self._published, cluster)
        self._ids: set[str] = set()  # of all stored articles
        self._found: list[Breach] = []
        self.lag: dict[
            str, int
        ] = {}  # records that each service has not handled: the most that was seen

    async def look(self) -> Report:
        drops = Drops(self._settings, self._store, self._cluster, self._advance)
        await drops.read()
        await self._published.read()
        self._published.mark()
        pictures = Pictures(self._store, self._advance)
        wrong = {picture.url: breach async for picture, breach in pictures.breaches()}
        showing = await self._look_at_articles(wrong)
        self._found += [_named(breach, showing.get(url, ())) for url, breach in wrong.items()]
        await self._look_at_decisions()
        await self._look_at_aliases()
        await self._note_lag()
        self._found += [*self._published.log.breaches, *self._published.state.breaches]
        self._found += await drops.breaches(self._ids)
        return Report(
            found=tuple(await self._titled()),
            notes=(*self._notes(), *drops.notes),
            articles=len(self._ids),
            events=self._published.log.records,
            states=self._published.state.records,
            pictures=pictures.looked_at,
            drops=drops.taken_in,
            rejected=drops.rejected,
        )

    async def _look_at_articles(self, wrong: Mapping[str, Breach]) -> dict[str, list[str]]:
        """Every article, page by page; those where something seemed wrong once more. Returns who names *wrong* URLs."""
        self._judge.parked = await self._parked_work()
        suspects: dict[str, None] = {}
        showing: dict[str, list[str]] = {}
        total, after = (await self._store.articles.counts())["articles"], ""
        while page := await self._store.articles.page(after, PAGE):
            suspects |= dict.fromkeys(
                one.article_id for one in await self._judge.judge([one.id for one in page])
            )
            for stored in page if wrong else ():
                for url in _urls(stored) & wrong.keys():
                    showing.setdefault(url, []).append(stored.id)
            self._ids.update(stored.id for stored in page)
            self._advance("articles", len(self._ids), total)
            after = page[-1].id
        await self._look_again([*suspects])
        return showing

    async def _look_again(self, suspects: list[str]) -> None:
        """Services may have been at work between two reads: only what is still wrong counts."""
        await self._note_lag()
        self._judge.parked = await self._parked_work()
        for start in range(0, len(suspects), PAGE):
            self._found += await self._judge.judge(
                suspects[start : start + PAGE], self._published.read
            )

    async def _note_lag(self) -> None:
        now = (await left(self._settings, self._store)).lag
        self.lag = {
            service: max(number, self.lag.get(service, 0)) for service, number in now.items()
        }

    async def _parked_work(self) -> dict[str, set[str]]:
        parked: dict[str, set[str]] = {}
        for one in await self._store.parked.page(await self._store.parked.count() + PAGE):
            parked.setdefault(one.article_id, set()).add(one.url)
        return parked

    async def _look_at_decisions(self) -> None:
        """Decisions of no stored article, and articles that only the topics know."""
        orphans = {
            one.article_id
            async for one in _decisions(self._store)
            if one.article_id not in self._ids
        }
        strangers = {
            *self._published.log.chains,
            *self._published.state.latest,
            *orphans,
        } - self._ids
        strangers -= (
            await self._store.articles.get(strangers)
        ).keys()  # stored since their page was read
        for article_id in strangers:
            if article_id in orphans:
                sentence = "there is a decision for it, but it is not in the store"
                self._found.append(Breach(Promise.STORE, article_id, sentence, kept_in("articles")))
            if where := self._told_of(article_id):
                sentence = "it was announced, but it is not in the store"
                self._found.append(Breach(Promise.SAVED, article_id, sentence, where))

    def _told_of(self, article_id: str) -> Place | None:
        chain = self._published.log.chains.get(article_id)
        state = self._published.state.latest.get(article_id)
        return chain.newest.where if chain else state.where if state else None

    async def _look_at_aliases(self) -> None:
        """Addresses are claimed before their article is stored: those that seem wrong are looked at once more."""
        wrong, after = [], ""
        while page := await self._store.articles.ledger(after):
            wrong += [alias for alias, _ in await self._unresolved(dict(page))]
            after = page[-1][0]
        if wrong:
            await self._note_lag()
            owners = await self._store.articles.resolve(wrong)
            self._found += [breach for _, breach in await self._unresolved(owners)]

    async def _unresolved(self, owners: Mapping[str, str]) -> list[tuple[str, Breach]]:
        stored = await self._store.articles.get({*owners.values()})
        return list(articles.unresolved(owners, stored))

    async def _titled(self) -> list[Breach]:
        """With the titles of the articles, where they can be read."""
        stored = await self._store.articles.get(
            {breach.article_id for breach in self._found if breach.article_id}
        )
        return [replace(one, title=_title(stored.get(one.article_id))) for one in self._found]

    def _notes(self) -> Iterator[str]:
        for reader in (self._published.log_reader, self._published.state_reader):
            if not reader.exists:
                yield f"there is no topic {reader.topic}"
        if self._published.log_reader.truncated:
            yield f"the oldest records of {PUBLISHED_LOG} are gone: what is older was not judged"
        late = sum(chain.first > 1 for chain in self._published.log.chains.values())
        if late:
            yield f"{late} articles begin in {PUBLISHED_LOG} with a later revision than 1: see docs/audit.md"


async def _decisions(store: Store) -> AsyncIterator[Decision]:
    after = ""
    while page := await store.decisions.page(after):
        for decision in page:
            yield decision
        after = page[-1].article_id


def _urls(stored: StoredArticle) -> set[str]:
    try:
        return {image.url for image in stored.article.images}
    except SeedError:
        return set()


def _title(stored: StoredArticle | None) -> str:
    try:
        return stored.article.title if stored else ""
    except SeedError:
        return ""


def _named(breach: Breach, showing: Collection[str]) -> Breach:
    """The breach of a picture, with the articles that name it."""
    mend = breach.mend
    if isinstance(mend, (Refetch, Remeasure)):
        mend = replace(mend, articles=tuple(showing))
    return replace(breach, article_id=next(iter(showing), ""), mend=mend)
