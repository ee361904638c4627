"""A rehearsal: the services' own handlers over one store, in this process, without a broker.

Events go from handler to handler, batch by batch, until none is left and nothing in the store waits for anything but
pictures. What would be told to the world is kept in `told`.
"""

from collections.abc import Callable, Iterable, Sequence

from services.enrichment.related.handlers import Related
from services.publishing.handlers import Publishing
from shared.broker.records import Event, Record
from shared.broker.sender import settle
from shared.broker.topics import ENRICHED, INGESTED
from shared.clock import now
from shared.events.catalogue import ingested
from shared.store import Store, StoredArticle

BATCH = 200  # as most workers take them by default

Report = Callable[[str, int, int], None]


def quiet(what: str, done: int, of: int) -> None:
    """No report."""


class Rehearsal:
    """*related* and *publishing* over *store*. Pictures are taken as they are known: none is fetched."""

    def __init__(
        self, store: Store, related: Related, publishing: Publishing, progress: Report = quiet
    ) -> None:
        self.told: list[Event] = []
        self._store = store
        self.related = related
        self._publishing = publishing
        self._progress = progress

    async def play(self, articles: Sequence[StoredArticle]) -> None:
        """Bring these stored articles, announced in this order, through linking and publishing."""
        events: list[Event] = []
        for start in range(0, len(articles), BATCH):
            batch = articles[start : start + BATCH]
            events += await self.related.handle(
                [record(ingested(article)) for article in batch], self._store
            )
            await self._store.articles.enriched(
                "images", {article.id: article.version for article in batch}, ()
            )
            await self._store.articles.announced({article.id: article.version for article in batch})
            self._progress("linking", start + len(batch), len(articles))
        await self.settle(events)

    async def settle(self, events: Iterable[Event] = ()) -> None:
        """Bring *events*, and whatever is marked in the store, to where nothing is left."""
        events = [*events, *await self._linked()]
        while ids := list(dict.fromkeys(event.key for event in events if event.topic == ENRICHED)):
            await self._tell(event for event in events if event.topic != ENRICHED)
            events = await self._decide(ids)
        await self._tell(events)

    async def _linked(self) -> list[Event]:
        events: list[Event] = []
        first = left = (await self._store.relations.counts())["unsettled"]
        while left:
            events += await self.related.settle(self._store)
            left = (await self._store.relations.counts())["unsettled"]
            self._progress("settling stories", max(0, first - left), first)
        return events

    async def _decide(self, ids: Sequence[bytes | None]) -> list[Event]:
        events: list[Event] = []
        for start in range(0, len(ids), BATCH):
            batch = [
                record(Event(ENRICHED, key, b'{"articleId":"%s"}' % (key or b"")))
                for key in ids[start : start + BATCH]
            ]
            events += await self._publishing.handle(batch, self._store)
            self._progress("deciding", min(start + BATCH, len(ids)), len(ids))
        return events

    async def _tell(self, events: Iterable[Event]) -> None:
        told = [event for event in events if event.topic != INGESTED]
        await settle(told, self._store)
        self.told += told


def record(event: Event) -> Record:
    """The record that Kafka would make of *event*."""
    return Record("rehearsal", event.topic, 0, 0, now(), event.key, event.value, event.headers)
