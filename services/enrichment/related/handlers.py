"""What related does with a batch of announced articles, and with neighbourhoods that are to be settled."""

from collections.abc import Mapping, Sequence

from services.enrichment.related.linking import Reach, place
from services.enrichment.related.settling import Settler
from services.enrichment.related.signature import sign
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events import article_ids, enriched
from shared.store import Store

AT_ONCE = 500  # marks that are settled together: neighbours share the reading


class Related:
    """The handler and its chore. Stateless: all it knows is in the store, so workers come and go."""

    def __init__(self, reach: Reach, settler: Settler, clock: Clock) -> None:
        self._reach = reach
        self._settler = settler
        self._clock = clock

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Place the articles, and settle what is marked at once: by this batch, and what others left."""
        articles = await store.articles.get(article_ids(records))
        await place([sign(article) for article in articles.values()], store, self._reach, self._clock)
        told = await self._settler.settle(store, AT_ONCE) or {}
        return _events({one: article.version for one, article in articles.items()} | told)

    async def settle(self, store: Store) -> list[Event]:
        """Settle some of the articles that are marked, and say whose relatives changed."""
        return _events(await self._settler.settle(store, AT_ONCE) or {})


def _events(told: Mapping[str, int]) -> list[Event]:
    return [enriched(one, "related", f"{one}.v{version}") for one, version in sorted(told.items())]
