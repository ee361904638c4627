"""The events with which the stage *related* ends a batch: what is decided again, and why."""

from collections.abc import Mapping

from services.enrichment.related.linking.recompute import RecomputeResult
from shared.broker.records import Event
from shared.events.article_events import build_article_enriched
from shared.events.stories.story_wake_ups import build_story_wake_ups
from shared.store import ArticleSummary, Store


async def build_events(
    versions: Mapping[str, int], result: RecomputeResult, store: Store
) -> list[Event]:
    """The articles to decide again, then wake-ups for the stories around them.

    *versions* are those of a batch, in case it was handled before. Articles that still wait for the
    stage are left out: whoever completes it wakes them.
    """
    waiting = await store.articles.get_pending_versions("related", versions)
    through = {article_id for article_id in versions if article_id not in waiting}
    deciding = {*through, *result.undecided}
    summaries = await store.articles.get_summaries(deciding)
    known = sorted(deciding & summaries.keys())
    events = [_build_enriched(article_id, summaries[article_id]) for article_id in known]
    others = result.woken.keys() - deciding
    woken = {article_id: result.woken[article_id] for article_id in others}
    events += await _wake_for_stories(woken, store)
    unannounced = await store.stories.find_unannounced(result.story_ids, limit=None)
    return [*events, *build_story_wake_ups(unannounced)]


def _build_enriched(article_id: str, summary: ArticleSummary) -> Event:
    """Each reason to decide the article again is counted with it, and is an event of its own."""
    cause = f"{article_id}.v{summary.version}.t{summary.touches}"
    return build_article_enriched(article_id, "related", cause, summary.changed_at, summary.trace)


async def _wake_for_stories(woken: Mapping[str, str], store: Store) -> list[Event]:
    """The events for articles to decide again because of their stories, as `woken` has them.

    The drop that changed the story has caused them, too.
    """
    stories = await store.stories.get({*woken.values()}) if woken else {}
    events: list[Event] = []
    for article_id, story_id in sorted(woken.items()):
        latest = stories[story_id].latest if story_id in stories else None
        cause = f"{story_id}.{latest.version}" if latest else story_id
        time, trace = (latest.at, latest.trace) if latest else (None, None)
        events.append(build_article_enriched(article_id, "related", cause, time, trace))
    return events
