"""Promotes the rules that were tried on the shadow."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from services.console.actions.acts import ActCause, perform
from services.console.counts import format_count
from services.console.progress import ProgressCallback
from services.console.replay.requeue import requeue_all_articles
from services.console.replay.shadow_dir import ShadowDir
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from shared.clock import now
from shared.errors import SeedwireError
from shared.runtime.ruleset import adopt_ruleset, environment_variable
from shared.settings import load_settings
from shared.store import Ruleset, Store


@dataclass(frozen=True)
class Promotion:
    """The promoted rules, the number of articles that were requeued, and the variables in the way.

    *overriding_variables* are set in the environment, which takes precedence over promoted rules.
    """

    rules: Mapping[str, str]
    articles: int
    overriding_variables: tuple[str, ...]


async def promote_rules(
    live: Store, shadow_dir: ShadowDir, cause: ActCause, report_progress: ProgressCallback
) -> Promotion:
    """Save the ruleset, then requeue all articles: from then on no work starts by older rules.

    Deletes the shadow at the end. A promotion that was cut short may be repeated. Raises NoShadow,
    or SeedwireError if someone else promoted rules at the same time.
    """

    async def promote() -> Promotion:
        return await _promote(live, shadow_dir, cause.by, report_progress)

    return await perform(
        live,
        "promote",
        cause,
        promote,
        describe=lambda done: f"{format_count(done.articles, 'article')} to be decided again",
        details=lambda promotion: {"rules": dict(promotion.rules)},
    )


async def _promote(
    live: Store, shadow_dir: ShadowDir, by: str, report_progress: ProgressCallback
) -> Promotion:
    rules = shadow_dir.load_rules()
    variables = map(environment_variable, rules)
    overriding = tuple(name for name in variables if name in os.environ)
    shadow_dir.promoting_file.touch()
    if not await _save_ruleset(live, rules, by):
        shadow_dir.promoting_file.unlink()
        raise SeedwireError("someone else has promoted rules meanwhile: try again with --shadow")
    await adopt_ruleset(live)
    linking = build_handler(load_settings(RelatedSettings))
    articles = await requeue_all_articles(live, linking, report_progress)
    shadow_dir.delete()
    return Promotion(rules, articles, overriding)


async def _save_ruleset(live: Store, rules: Mapping[str, str], by: str) -> bool:
    """Save *rules* on top of the current ruleset, unless it has them already.

    Returns False if someone else saved a ruleset in between.
    """
    current = await live.rulesets.get_latest()
    merged = {**current.settings, **rules}
    if merged == current.settings:
        return True
    return await live.rulesets.promote(Ruleset(current.number + 1, merged, by, now()))
