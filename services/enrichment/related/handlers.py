"""What related does with a batch of announced articles, and with neighbourhoods that are to be settled."""

from collections.abc import Mapping, Sequence

from services.enrichment.related.linking import Linker
from services.enrichment.related.settling import Settler
from services.enrichment.related.signature import sign
from shared.broker.records import Event, Record
from shared.events import article_ids, enriched
from shared.store import Store

AT_ONCE = 1000  # marks that are settled together: neighbours share the reading
FEW = 50  # articles of a batch that are settled with it: larger ones are a backlog, whose neighbourhoods change again


class Related:
    """The handler and its chore. Stateless: all it knows is in the store, so workers come and go."""

    def __init__(self, linker: Linker, settler: Settler) -> None:
        self._linker = linker
        self._settler = settler

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Place the articles; after a small batch settle what is marked, by it or by others."""
        articles = await store.articles.get(article_ids(records))
        await self._linker.place([sign(article) for article in articles.values()], store)
        told = await self._settler.settle(store, AT_ONCE) if len(articles) <= FEW else None
        return _events({one: article.version for one, article in articles.items()} | (told or {}))

    async def settle(self, store: Store) -> list[Event]:
        """Settle some of the articles that are marked, and say whose relatives changed."""
        return _events(await self._settler.settle(store, AT_ONCE) or {})


def _events(told: Mapping[str, int]) -> list[Event]:
    return [enriched(one, "related", f"{one}.v{version}") for one, version in sorted(told.items())]
