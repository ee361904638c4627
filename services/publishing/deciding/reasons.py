"""The sentences that say why an article is published or not. Decisions and events contain them."""

from collections.abc import Sequence

from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules


def explain_outranked(article: Contender, lead: Contender) -> str:
    """Why *lead*, and not *article*, stands for the group."""
    verb = "lost the lead to" if article.is_lead else "outranked by"
    qualities = f"quality {lead.quality} against {article.quality}"
    return f"{verb} “{lead.title}” ({qualities}{_explain_tie(article, lead)})"


def _explain_tie(article: Contender, lead: Contender) -> str:
    """Why *lead* outranks *article* although its quality is not higher."""
    if lead.ranking_key > article.ranking_key:
        return ", within the margin for which a holder keeps the lead"
    if lead.quality > article.quality:
        return ""
    if lead.published_at < article.published_at:
        return ", but earlier"
    return ", but first by its id"


def explain_leading(
    article: Contender, relatives: Sequence[Contender], heat: int, rules: Rules
) -> str:
    """Why *article*, which no relative outranks, is published or not."""
    if heat < rules.publish_at:
        below = f"below the publish threshold: heat {heat}, {rules.publish_at} is needed"
        missing = _explain_missing_heat(article, len(relatives), rules)
        return f"{below}; {missing}" if missing else below
    if not relatives:
        return f"stands alone: quality {heat}, at or above {rules.publish_at}"
    leads = f"leads {_explain_sum(article, len(relatives), heat, rules)}"
    best = min(relatives, key=lambda relative: relative.ranking_key)
    if best.ranking_key < article.ranking_key:
        within = f"a challenger with {best.quality} is within the margin of {rules.margin}"
        return f"keeps the lead: {within}; {leads}"
    return leads


def _explain_sum(article: Contender, relatives: int, heat: int, rules: Rules) -> str:
    """`3 related articles: 73 + 3 × 10 = 103, at or above 70`."""
    articles = "1 related article" if relatives == 1 else f"{relatives} related articles"
    missing = _explain_missing_heat(article, relatives, rules)
    if missing:
        return f"{articles}: {missing}; heat {heat} is at or above {rules.publish_at}"
    terms = f"{article.quality} + {relatives} × {rules.heat_per_relative}"
    return f"{articles}: {terms} = {heat}, at or above {rules.publish_at}"


def _explain_missing_heat(article: Contender, relatives: int, rules: Rules) -> str:
    """Why the relatives add nothing; empty if they add something, or if there are none."""
    if not relatives or article.quality >= rules.heat_from_quality:
        return ""
    subject = "its relative adds" if relatives == 1 else f"its {relatives} relatives add"
    return f"quality {article.quality} is below {rules.heat_from_quality}, so {subject} no heat"
