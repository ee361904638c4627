"""The rules of publishing: which related article outranks which, and what is published. All pure.

What outranks what: of two related articles, the one of higher quality outranks the other; of equal
quality the earlier one, then the one with the smaller id. But an article that holds the lead keeps
it unless a challenger is better by the margin.

What is published: an article that no relative outranks leads. Its heat is its quality, plus a bonus
for each relative if its own quality is high enough. With a heat at or above the publish threshold
it is published. An outranked article has heat -1 and is not published.

Of two related articles exactly one outranks the other. Decisions that several processes make one by
one therefore agree as soon as each process has seen the others' last decisions. And they converge:
an article with a better relative can lose the lead but never gain it, an article without one can
gain the lead but never lose it. Why these rules: docs/decisions/0004-newsroom-rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.publishing.contender import Contender
from services.publishing.reasons import explain_leading, explain_outranked
from services.publishing.rules import OUTRANKED, Rules


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


def outranks(a: Contender, b: Contender, rules: Rules) -> bool:
    """Whether *a* outranks *b*, its relative. Exactly one of the two outranks the other."""
    if a.is_lead and not b.is_lead:
        return not _takes_lead(b, a, rules)
    if b.is_lead and not a.is_lead:
        return _takes_lead(a, b, rules)
    return a.ranking_key < b.ranking_key


def _takes_lead(challenger: Contender, holder: Contender, rules: Rules) -> bool:
    is_better = challenger.ranking_key < holder.ranking_key
    return is_better and challenger.quality - holder.quality >= rules.margin


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
