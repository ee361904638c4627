"""How many articles linking will link anew by itself, though nothing waits for it."""

from services.enrichment.related.linking.feed_keeper import MAX_MARKED, is_settled
from services.enrichment.related.settings import RelatedSettings
from shared.runtime.ruleset import load_settings_in_force
from shared.store import FeedSnapshot, Store


async def count_articles_to_link(snapshot: FeedSnapshot, store: Store) -> int:
    """0 if the statistics in *snapshot* are those of the articles.

    Where relations are given, nothing depends on statistics that an earlier setting left behind.
    """
    settings = await load_settings_in_force(RelatedSettings, store)
    if settings.related == "given" or await is_settled(snapshot, store):
        return 0
    return min(MAX_MARKED, await store.signatures.count())
