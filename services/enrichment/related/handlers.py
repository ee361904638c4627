"""What related does with a batch of announced articles: signs and links them, and says whose relatives changed."""

from collections.abc import Sequence

from services.enrichment.related.linking import Rules, link
from services.enrichment.related.signature import sign
from shared import failpoints
from shared.broker.records import Event, Record
from shared.events import article_ids, enriched
from shared.store import Store


class Related:
    """The handler. Stateless: all it knows is in the store, so workers come and go."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        articles = await store.articles.get(article_ids(records))
        signatures = {article_id: sign(article) for article_id, article in articles.items()}
        await failpoints.reached("parsed")
        touched = await link(list(signatures.values()), store, self._rules)
        done = {signature.article_id: signature.version for signature in signatures.values()}
        await store.articles.enriched("related", done, set().union(*touched.values()))
        await failpoints.reached("saved")
        return [
            enriched(other, "related", f"{article_id}.v{done.get(article_id, 0)}")
            for article_id, others in touched.items()
            for other in sorted(others)
        ]
