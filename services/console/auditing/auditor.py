"""The audit, top to bottom: topics first, then the store, then a second look at whatever seemed wrong.

In that order, so that it may run beside working services: what was announced before the store is read must be saved
there; what the store has and the topics lacked is looked for again in what was announced since.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from services.console.auditing import articles, publications
from services.console.auditing.breaches import Breach, Place, Promise, Report, kept_in, ordered
from services.console.auditing.drops import Drops
from services.console.auditing.mends import Redecide, Refetch, Remeasure, Restore
from services.console.auditing.overdue import judged_by_age
from services.console.auditing.pictures import Pictures
from services.console.auditing.publishedlog import PublishedLog, PublishedState
from services.console.auditing.topicreading import Advance, TopicReader
from shared.article import SeedError
from shared.broker.connection import admin, cluster_id
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.settings import Settings
from shared.store import Decision, Picture, Publication, Store, StoredArticle
from shared.view import Known, load

PAGE: Final = 200  # articles read at once
ALL: Final = 1_000_000
GRACE: Final = timedelta(seconds=120)


def quiet(what: str, done: int, total: int) -> None:
    """Progress for nobody."""


async def audit(settings: Settings, store: Store, grace: timedelta = GRACE, advance: Advance = quiet) -> Report:
    """Check every promise that can be read from the topics and the opened *store*. Changes nothing.

    What waits for longer than *grace*, with nothing before it in the topics, is a breach; what waits otherwise is
    pending. *advance* is told how far it is: what is read, how much of it, of how much. Raises EngineAway.
    """
    async with admin(settings) as client:
        cluster = await cluster_id(client)
    auditor = Auditor(settings, store, cluster, advance)
    report = await auditor.look()
    return replace(report, found=ordered(await judged_by_age(report.found, settings, store, grace)))


class Auditor:
    """One look at one cluster and one store."""

    def __init__(self, settings: Settings, store: Store, cluster: str, advance: Advance) -> None:
        self._settings = settings
        self._store = store
        self._cluster = cluster
        self._advance = advance
        self._log, self._state = PublishedLog(), PublishedState()
        self._log_reader = TopicReader(settings, cluster, PUBLISHED_LOG, advance)
        self._state_reader = TopicReader(settings, cluster, PUBLISHED_STATE, advance)
        self._parked: set[tuple[str, str]] = set()
        self._ids: set[str] = set()  # of all stored articles
        self._found: list[Breach] = []
        self._beheaded = 0

    async def look(self) -> Report:
        drops = Drops(self._settings, self._store, self._cluster, self._advance)
        await drops.read()
        await self._read_published()
        self._log.mark()
        self._state.mark()
        pictures = Pictures(self._store, self._advance)
        wrong = {picture.url: (picture, breach) async for picture, breach in pictures.breaches()}
        showing = await self._look_at_articles(wrong)
        self._found += [_named(url, *wrong[url], showing.get(url, ())) for url in wrong]
        await self._look_at_decisions()
        await self._look_at_aliases()
        self._found += [*self._log.breaches, *self._state.breaches, *await drops.breaches(self._ids)]
        return Report(
            found=tuple(await self._titled()),
            notes=(*self._notes(), *drops.notes),
            articles=len(self._ids),
            events=self._log.records,
            states=self._state.records,
            pictures=pictures.looked_at,
            drops=drops.taken_in,
            rejected=drops.rejected,
        )

    async def _read_published(self) -> None:
        """Both topics, as far as they go now."""
        async for record in self._log_reader.read():
            self._log.fold(record)
        async for record in self._state_reader.read():
            self._state.fold(record)

    async def _look_at_articles(self, wrong: Collection[str]) -> dict[str, list[str]]:
        """Every article, page by page; those where something seemed wrong once more. Returns who names *wrong* URLs."""
        self._parked = await self._parked_work()
        suspects: list[str] = []
        showing: dict[str, list[str]] = {}
        total, after = (await self._store.articles.counts())["articles"], ""
        while page := await self._store.articles.page(after, PAGE):
            ids = [stored.id for stored in page]
            suspects += {breach.article_id for breach in await self._judge(ids)}
            for stored in page if wrong else ():
                for url in _urls(stored):
                    if url in wrong:
                        showing.setdefault(url, []).append(stored.id)
            self._ids.update(ids)
            self._advance("articles", len(self._ids), total)
            after = page[-1].id
        await self._look_again(suspects)
        return showing

    async def _look_again(self, suspects: list[str]) -> None:
        """Services may have been at work between two reads: only what is still wrong counts."""
        self._parked = await self._parked_work()
        for start in range(0, len(suspects), PAGE):
            self._found += await self._judge(suspects[start : start + PAGE], again=True)

    async def _parked_work(self) -> set[tuple[str, str]]:
        most = await self._store.parked.count() + PAGE
        return {(one.article_id, one.url) for one in await self._store.parked.page(most)}

    async def _judge(self, ids: Collection[str], again: bool = False) -> list[Breach]:
        """All that is wrong with these articles. *again*: reads on in the topics after the store."""
        known, broken = await self._load(ids)
        due: dict[str, list[Publication]] = {}
        for item in await self._store.decisions.due(ids, ALL):
            due.setdefault(item.article_id, []).append(item)
        if again:
            await self._read_published()
        near = await self._near(known.values())
        found = [
            breach
            for one in known.values()
            for breach in (*self._judge_published(one, due.get(one.article.id, [])), *self._judge_stored(one))
        ]
        return [*broken, *found, *near]

    async def _load(self, ids: Collection[str]) -> tuple[dict[str, Known], list[Breach]]:
        """Everything about these articles, and those of which a seed cannot be read."""
        try:
            return await load(self._store, ids), []
        except SeedError as error:
            if len(ids) == 1:
                sentence = f"its seed, or that of a relative, cannot be read: {error}"
                return {}, [Breach(Promise.STORE, next(iter(ids)), sentence, kept_in("articles"))]
        parts = [await self._load([article_id]) for article_id in ids]
        return {k: v for known, _ in parts for k, v in known.items()}, [b for _, broken in parts for b in broken]

    def _judge_published(self, known: Known, due: list[Publication]) -> Iterator[Breach]:
        article_id = known.article.id
        told = publications.Told(
            chain=self._log.chains.get(article_id),
            state=self._state.latest.get(article_id),
            marked=self._state.marked.get(article_id, 0),
            born_here=publications.born_in(self._cluster, known.article),
            horizon=self._log_reader.horizon,
        )
        return publications.judge(article_id, known.decision, due, told)

    def _judge_stored(self, known: Known) -> Iterator[Breach]:
        chain = self._log.chains.get(known.article.id)
        for breach in articles.decided(known, self._parked):
            lost = known.decision is None and chain is not None and isinstance(breach.mend, Redecide)
            yield replace(breach, mend=Restore(known.article.id, chain.last)) if lost and chain else breach
        yield from articles.pictured(known, self._parked)

    async def _near(self, known: Iterable[Known]) -> list[Breach]:
        """What these articles refer to: leads, relatives, the ledger."""
        looked_at = list(known)
        ids = [one.article.id for one in looked_at]
        links = await self._store.relations.links(ids)
        others = {link.other(article_id) for article_id, near in links.items() for link in near}
        mirrored = links | await self._store.relations.links(others - links.keys())
        owners = await self._store.articles.resolve({alias for one in looked_at for alias in one.article.aliases})
        leads = {one.decision.lead for one in looked_at if one.decision}
        stored = await self._store.articles.get({*ids, *others, *owners.values(), *leads})
        return [
            breach
            for one in looked_at
            for breach in (
                *articles.related(one.article.id, mirrored, stored),
                *articles.addressed(one.article, owners, stored),
                *(articles.led(one.decision, stored) if one.decision and not one.article.pending else ()),
            )
        ]

    async def _look_at_decisions(self) -> None:
        """Decisions of no stored article, and articles that only the topics know."""
        orphans: dict[str, Decision] = {}
        async for decision in _decisions(self._store):
            if decision.article_id not in self._ids:
                orphans[decision.article_id] = decision
        strangers = {*self._log.chains, *self._state.latest, *orphans} - self._ids
        strangers -= (await self._store.articles.get(strangers)).keys()  # stored since their page was read
        for article_id in strangers:
            if article_id in orphans:
                sentence = "there is a decision for it, but it is not in the store"
                self._found.append(Breach(Promise.STORE, article_id, sentence, kept_in("articles")))
            if where := self._told_of(article_id):
                sentence = "it was announced, but it is not in the store"
                self._found.append(Breach(Promise.SAVED, article_id, sentence, where))

    def _told_of(self, article_id: str) -> Place | None:
        chain, state = self._log.chains.get(article_id), self._state.latest.get(article_id)
        return chain.newest.where if chain else state.where if state else None

    async def _look_at_aliases(self) -> None:
        after = ""
        while page := await self._store.articles.ledger(after):
            stored = await self._store.articles.get({owner for _, owner in page})
            if wrong := list(articles.resolving(page, stored)):
                owners = await self._store.articles.resolve([alias for alias, _ in page])
                stored = await self._store.articles.get(set(owners.values()))
                wrong = list(articles.resolving(owners.items(), stored))
            self._found += wrong
            after = page[-1][0]

    async def _titled(self) -> list[Breach]:
        """With the titles of the articles, where they can be read."""
        stored = await self._store.articles.get({breach.article_id for breach in self._found if breach.article_id})
        return [replace(one, title=_title(stored.get(one.article_id))) for one in self._found]

    def _notes(self) -> Iterator[str]:
        missing = [reader.topic for reader in (self._log_reader, self._state_reader) if not reader.exists]
        if missing:
            yield f"there is no topic {' and no topic '.join(missing)}"
        if self._log_reader.truncated:
            yield f"the oldest records of {PUBLISHED_LOG} are gone: what is older was not judged"
        late = sum(chain.first > 1 for chain in self._log.chains.values())
        if late:
            yield f"{late} articles begin in {PUBLISHED_LOG} with a later revision than 1: see docs/audit.md"


async def _decisions(store: Store) -> AsyncIterator[Decision]:
    after = ""
    while page := await store.decisions.page(after):
        for decision in page:
            yield decision
        after = page[-1].article_id


def _urls(stored: StoredArticle) -> list[str]:
    try:
        return [image.url for image in stored.article.images]
    except SeedError:
        return []


def _title(stored: StoredArticle | None) -> str:
    try:
        return stored.article.title if stored else ""
    except SeedError:
        return ""


def _named(url: str, picture: Picture, breach: Breach, showing: Collection[str]) -> Breach:
    """The breach of a picture, with the articles that name it."""
    mend = breach.mend
    if isinstance(mend, (Refetch, Remeasure)):
        mend = replace(mend, articles=tuple(showing))
    return replace(breach, article_id=next(iter(showing), ""), mend=mend)
