"""How many articles linking will link anew by itself, though nothing waits for it."""

from services.enrichment.related.linking.feed_keeper import MAX_MARKED, has_current_statistics
from services.enrichment.related.settings import RelatedSettings
from shared.runtime.ruleset import load_settings_in_force
from shared.store import FeedSnapshot, Store


async def count_articles_to_link(snapshot: FeedSnapshot, store: Store) -> int:
    """0 if the statistics in *snapshot* are those of the articles.

    Otherwise as many as new statistics mark dirty, `MAX_MARKED` at the most. Where relations are
    given, nothing depends on statistics that an earlier setting left behind. Raises
    StoreUnavailable or SettingsError.
    """
    settings = await load_settings_in_force(RelatedSettings, store)
    if settings.related == "given" or await has_current_statistics(snapshot, store):
        return 0
    return min(MAX_MARKED, await store.signatures.count())
