"""The rules of publishing: which related article outranks which, and what is published. All pure.

What outranks what: of two related articles, the one of higher quality outranks the other; of equal
quality the earlier one, then the one with the smaller id. But an article that holds the lead keeps
it unless a challenger is better by the margin.

What is published: an article that no relative outranks leads. Its heat is its quality plus a bonus
for each relative, and with a heat at or above the publish threshold it is published. An outranked
article has heat -1 and is not published.

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
    """Whether *article* is published, and why. The same inputs always give the same outcome."""
    stronger = [relative for relative in relatives if outranks(relative, article, rules)]
    if stronger:
        return _build_outranked(article, min(stronger, key=_lead_preference), relatives)
    counted = min(len(relatives), rules.max_related)
    heat = article.quality + rules.heat_per_relative * counted
    return Outcome(
        published=heat >= rules.publish_at,
        heat=heat,
        lead=article.id,
        reason=explain_leading(article, relatives, heat, rules),
        inputs=_record_inputs(article, relatives),
    )


def outranks(a: Contender, b: Contender, rules: Rules) -> bool:
    """Whether *a* outranks *b*, its relative. Exactly one of the two outranks the other."""
    if a.is_lead and not b.is_lead:
        return b.quality - a.quality < rules.margin
    if b.is_lead and not a.is_lead:
        return a.quality - b.quality >= rules.margin
    return a.ranking_key < b.ranking_key


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
        inputs=_record_inputs(article, relatives) | {"leadTitle": lead.title},
    )


def _record_inputs(article: Contender, relatives: Sequence[Contender]) -> dict[str, Any]:
    return {
        "quality": article.quality,
        "relatives": [{"id": relative.id, "quality": relative.quality} for relative in relatives],
        "holders": [relative.id for relative in relatives if relative.is_lead],
    }
