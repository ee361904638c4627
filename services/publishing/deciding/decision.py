"""The rules of publishing: what is published, and why. All pure.

An article that no relative outranks (`ranking.py`) leads. Its heat is its quality, plus a bonus
for each relative if its own quality is high enough. With a heat at or above the publish threshold
it is published. An outranked article has heat -1 and is not published.

Why these rules: docs/decisions/0004-newsroom-rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.publishing.deciding.ranking import Contender, outranks
from services.publishing.deciding.reasons import explain_leading, explain_outranked
from services.publishing.deciding.rules import OUTRANKED, Rules


@dataclass(frozen=True)
class Outcome:
    """What the rules say about an article now. *inputs* is what they looked at, as JSON values."""

    published: bool
    heat: int
    lead: str  # the id of the article that stands for the group
    reason: str  # a sentence
    inputs: dict[str, Any]


def decide(article: Contender, relatives: Sequence[Contender], rules: Rules) -> Outcome:
    """Whether *article* is published, and why. The same inputs always give the same outcome.

    *relatives* come best first.
    """
    stronger = [relative for relative in relatives if outranks(relative, article, rules)]
    if stronger:
        return _build_outranked(article, min(stronger, key=_lead_preference), relatives)
    heat = article.quality + rules.bonus(article.quality, len(relatives))
    return Outcome(
        published=heat >= rules.publish_at,
        heat=heat,
        lead=article.id,
        reason=explain_leading(article, relatives, heat, rules),
        inputs=_record_leading(article, relatives),
    )


def _lead_preference(relative: Contender) -> tuple[bool, tuple[int, datetime, str]]:
    """Of several articles that outrank one, a current lead is preferred to a better non-lead."""
    return not relative.is_lead, relative.ranking_key


def _build_outranked(
    article: Contender, lead: Contender, relatives: Sequence[Contender]
) -> Outcome:
    return Outcome(
        published=False,
        heat=OUTRANKED,
        lead=lead.id,
        reason=explain_outranked(article, lead),
        inputs=_record_outranked(article, lead, relatives),
    )


def _record_leading(article: Contender, relatives: Sequence[Contender]) -> dict[str, Any]:
    """All relatives, because all of them count."""
    recorded = []
    for relative in relatives:
        entry = {"id": relative.id, "quality": relative.quality, "version": relative.version}
        recorded.append(entry)
    return {
        "quality": article.quality,
        "relatives": recorded,
        "holders": _list_holders(relatives),
    }


def _record_outranked(
    article: Contender, lead: Contender, relatives: Sequence[Contender]
) -> dict[str, Any]:
    """Of the relatives only the lead and others that lead: no other one changes the outcome."""
    holders = _list_holders(relatives)
    recorded = []
    for relative in relatives:
        if relative.is_lead or relative.id == lead.id:
            published_at = relative.published_at.isoformat()
            entry = {"id": relative.id, "quality": relative.quality, "publishedAt": published_at}
            recorded.append(entry)
    return {
        "quality": article.quality,
        "relatives": recorded,
        "holders": holders,
        "leadTitle": lead.title,
    }


def _list_holders(relatives: Sequence[Contender]) -> list[str]:
    return [relative.id for relative in relatives if relative.is_lead]
