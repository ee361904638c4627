"""How many articles linking will link anew by itself, though nothing waits for it."""

from services.enrichment.related.linking.feed_keeper import MAX_MARKED, has_current_statistics
from services.enrichment.related.settings import RelatedSettings
from shared.clock import now
from shared.runtime.ruleset import load_settings_in_force
from shared.store import FeedSnapshot, Store
from shared.store.ports.operations.workers import select_live


async def count_articles_to_link(snapshot: FeedSnapshot, store: Store) -> int:
    """0 if the statistics in *snapshot* are those of the articles.

    Otherwise as many as new statistics mark dirty, `MAX_MARKED` at the most. Where relations are
    given, nothing depends on statistics that an earlier setting left behind. Raises
    StoreUnavailable or SettingsError.
    """
    if await _are_relations_given(store) or await has_current_statistics(snapshot, store):
        return 0
    return min(MAX_MARKED, await store.signatures.count())


async def _are_relations_given(store: Store) -> bool:
    """As the workers of related say, whose settings may differ from those of this process.

    Where none runs, or only those of versions that do not say it, these settings count.
    """
    at = now()
    heartbeats = await store.workers.list_heartbeats()
    live = select_live(heartbeats, "related", at)
    modes = {beat.mode for beat in live if beat.mode}
    if modes:
        return modes == {"given"}
    return (await load_settings_in_force(RelatedSettings, store)).related == "given"
