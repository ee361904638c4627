"""Judges articles by their ids: reads what the store knows of them, and holds it against the published topics."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from services.console.audit import articles, published_state
from services.console.audit.breaches import Breach, Promise, kept_in
from services.console.audit.published_log import PublishedLog, PublishedState
from services.console.audit.repair_actions import Redecide, Restore
from services.console.audit.topic_reader import TopicReader
from shared.article import SeedError
from shared.article_view import Known, load
from shared.broker.topics import PUBLISHED_LOG, PUBLISHED_STATE
from shared.settings import Settings
from shared.store import Publication, Store

ALL: Final = (
    1_000_000  # publications that are due: of a page of articles there are as many as there are
)


@dataclass(frozen=True)
class Published:
    """Both topics, read as far as they went."""

    log: PublishedLog
    state: PublishedState
    log_reader: TopicReader
    state_reader: TopicReader

    @classmethod
    def of(
        cls, settings: Settings, cluster: str, advance: Callable[[str, int, int], object]
    ) -> "Published":
        readers = [
            TopicReader(settings, cluster, topic, advance)
            for topic in (PUBLISHED_LOG, PUBLISHED_STATE)
        ]
        return cls(PublishedLog(), PublishedState(), *readers)

    async def read(self) -> None:
        """On from where the last read ended. Raises BrokerAway."""
        async for record in self.log_reader.read():
            self.log.fold(record)
        async for record in self.state_reader.read():
            self.state.fold(record)

    def mark(self) -> None:
        self.log.mark()
        self.state.mark()


class Judge:
    """*parked*: the URLs put aside, by article; to be kept up to date by whoever judges."""

    def __init__(self, store: Store, published: Published, cluster: str) -> None:
        self._store = store
        self._published = published
        self._cluster = cluster
        self.parked: dict[str, set[str]] = {}

    async def judge(
        self, ids: Collection[str], read_on: Callable[[], Awaitable[None]] | None = None
    ) -> list[Breach]:
        """All that is wrong with these articles. *read_on* is awaited between reading the store and judging."""
        known, broken = await self._load(ids)
        due: dict[str, list[Publication]] = {}
        for item in await self._store.decisions.due(ids, ALL):
            due.setdefault(item.article_id, []).append(item)
        if read_on:
            await read_on()
        near = await self._near(known.values())
        found = [
            breach
            for one in known.values()
            for breach in (
                *self._published_state(one, due.get(one.article.id, [])),
                *self._stored(one),
            )
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
        return {k: v for known, _ in parts for k, v in known.items()}, [
            b for _, broken in parts for b in broken
        ]

    def _published_state(self, known: Known, due: list[Publication]) -> Iterator[Breach]:
        article_id, published = known.article.id, self._published
        told = published_state.Told(
            chain=published.log.chains.get(article_id),
            state=published.state.latest.get(article_id),
            marked=published.state.marked.get(article_id, 0),
            born_here=published_state.born_in(self._cluster, known.article),
            horizon=published.log_reader.horizon,
        )
        return published_state.judge(article_id, known.decision, due, told)

    def _stored(self, known: Known) -> Iterator[Breach]:
        chain = self._published.log.chains.get(known.article.id)
        for breach in articles.decided(known, self.parked):
            lost = (
                known.decision is None and chain is not None and isinstance(breach.mend, Redecide)
            )
            yield (
                replace(breach, mend=Restore(known.article.id, chain.last))
                if lost and chain
                else breach
            )
        yield from articles.pictured(known, self.parked)

    async def _near(self, known: Iterable[Known]) -> list[Breach]:
        """What these articles refer to: leads, relatives, the ledger."""
        looked_at = list(known)
        ids = [one.article.id for one in looked_at]
        links = await self._store.relations.links(ids)
        others = {link.other(article_id) for article_id, near in links.items() for link in near}
        mirrored = links | await self._store.relations.links(others - links.keys())
        owners = await self._store.articles.resolve(
            {alias for one in looked_at for alias in one.article.aliases}
        )
        leads = {one.decision.lead for one in looked_at if one.decision}
        here = {one.article.id: one.article for one in looked_at}
        stored = here | await self._store.articles.get(
            {*others, *owners.values(), *leads} - here.keys()
        )
        return [
            breach
            for one in looked_at
            for breach in (
                *articles.related(one.article.id, mirrored, stored),
                *articles.addressed(one.article, owners, stored),
                *(
                    articles.led(one.decision, stored)
                    if one.decision and not one.article.pending
                    else ()
                ),
            )
        ]
