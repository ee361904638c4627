"""Tries rules on a shadow of the newsroom, and compares its state before and after.

A replay does on the shadow what a promotion does on the live store: it requeues every article, and
the services' own handlers recompute neighbourhoods and decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.console.progress import ProgressCallback
from services.console.replay.diff import Change, diff_states
from services.console.replay.newsroom_state import NewsroomState, load_state
from services.console.replay.offline_pipeline import OfflinePipeline
from services.console.replay.requeue import requeue_all_articles
from services.console.replay.shadow_copy import copy_newsroom
from services.console.replay.shadow_dir import ShadowDir
from services.enrichment.related.main import build_handler as build_related_handler
from services.enrichment.related.settings import RelatedSettings
from services.publishing.main import build_handler as build_publishing_handler
from services.publishing.settings import PublishingSettings
from shared.runtime.ruleset import adopt_ruleset
from shared.store import Store, connect


@dataclass(frozen=True)
class ReplayResult:
    """The rules that were tried, and what they change."""

    rules: Mapping[str, str]
    before: NewsroomState
    after: NewsroomState
    changes: list[Change]


async def replay_rules(
    live: Store,
    shadow_dir: ShadowDir,
    rules: Mapping[str, str],
    report_progress: ProgressCallback,
) -> ReplayResult:
    """Replace the shadow by a new one, and try *rules* on it. Reads *live*, and never writes to it.

    The current ruleset applies first: *rules* come on top of it.
    """
    shadow_dir.delete()
    shadow = connect(shadow_dir.store_url)
    await adopt_ruleset(live)
    await shadow.open()
    try:
        before, after = await try_rules(live, shadow, rules, report_progress)
    finally:
        await shadow.close()
    shadow_dir.save_rules(rules)
    return ReplayResult(rules, before, after, diff_states(before, after))


async def try_rules(
    live: Store, shadow: Store, rules: Mapping[str, str], report_progress: ProgressCallback
) -> tuple[NewsroomState, NewsroomState]:
    """Copy *live* into the empty *shadow* and apply *rules* there.

    Returns the states before and after. *rules* are settings by name; the environment gives all
    others. Writes to *shadow* alone.
    """
    await copy_newsroom(live, shadow, report_progress)
    before = await load_state(shadow)
    related_rules = _select(rules, RelatedSettings)
    publishing_rules = _select(rules, PublishingSettings)
    related = build_related_handler(RelatedSettings(**related_rules))  # type: ignore[arg-type]
    publishing = build_publishing_handler(
        PublishingSettings(**publishing_rules)  # type: ignore[arg-type]
    )
    await requeue_all_articles(shadow, related, report_progress)
    await OfflinePipeline(shadow, related, publishing, report_progress).finish()
    return before, await load_state(shadow)


def _select(
    rules: Mapping[str, str], settings_class: type[RelatedSettings] | type[PublishingSettings]
) -> dict[str, str]:
    """The rules that are settings of this class."""
    names = settings_class.model_fields
    return {name: value for name, value in rules.items() if name in names}
