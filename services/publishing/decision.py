"""Which of two related articles outranks the other, and whether an article is published, and why. All of it is pure.

Two related articles never both outrank each other, and never neither: so decisions that are made one by one, by
several processes, agree once each has seen the other's last. They settle: an article with a better relative can lose
the lead but never gain it, one without can gain it but never lose it.
Why these rules: docs/decisions/0004-newsroom-rules.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.publishing.rules import OUTRANKED, Rules


@dataclass(frozen=True)
class Contender:
    """What counts of an article. *leads* says whether it holds the lead by the decision that stands."""

    id: str
    title: str
    quality: int  # missing: 0
    published_at: datetime
    leads: bool = False

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Sorts best first: the order of `shared.article_view.rank`."""
        return -self.quality, self.published_at, self.id


@dataclass(frozen=True)
class Ruling:
    """What the rules say of an article now; *inputs* is what they looked at, as JSON values."""

    published: bool
    heat: int
    lead: str  # the id of the article that stands for the group
    reason: str  # a sentence
    inputs: dict[str, Any]


def outranks(one: Contender, two: Contender, rules: Rules) -> bool:
    """Whether *one* stands before *two*: the better does, but a holder of the lead keeps it within the margin."""
    if one.leads == two.leads:
        return one.rank < two.rank
    if two.leads:
        return one.quality - two.quality >= rules.margin
    return not outranks(two, one, rules)


def decide(article: Contender, relatives: Sequence[Contender], rules: Rules) -> Ruling:
    """Whether *article* is published, and why. The same inputs give the same ruling."""
    better = [other for other in relatives if outranks(other, article, rules)]
    if better:
        return _outranked(article, min(better, key=_as_lead), relatives)
    heat = article.quality + rules.heat_per_relative * _counted(relatives, rules)
    return Ruling(
        published=heat >= rules.publish_at,
        heat=heat,
        lead=article.id,
        reason=_why_leading(article, relatives, heat, rules),
        inputs=_inputs(article, relatives),
    )


def _as_lead(other: Contender) -> tuple[bool, tuple[int, datetime, str]]:
    """Of several that outrank an article, one that leads itself stands for it before a better one that doesn't."""
    return not other.leads, other.rank


def _outranked(article: Contender, by: Contender, relatives: Sequence[Contender]) -> Ruling:
    inputs = _inputs(article, relatives) | {"leadTitle": by.title}
    return Ruling(
        published=False,
        heat=OUTRANKED,
        lead=by.id,
        reason=_why_outranked(article, by),
        inputs=inputs,
    )


def _inputs(article: Contender, relatives: Sequence[Contender]) -> dict[str, Any]:
    return {
        "quality": article.quality,
        "relatives": [{"id": other.id, "quality": other.quality} for other in relatives],
        "holders": [other.id for other in relatives if other.leads],
    }


def _counted(relatives: Sequence[Contender], rules: Rules) -> int:
    return min(len(relatives), rules.max_related)


def _why_outranked(article: Contender, by: Contender) -> str:
    how = "lost the lead to" if article.leads else "outranked by"
    numbers = f"quality {by.quality} against {article.quality}"
    if by.rank > article.rank:
        numbers += ", within the margin for which a holder keeps the lead"
    elif by.quality == article.quality:
        numbers += (
            ", but earlier" if by.published_at < article.published_at else ", but first by its id"
        )
    return f"{how} “{by.title}” ({numbers})"


def _why_leading(
    article: Contender, relatives: Sequence[Contender], heat: int, rules: Rules
) -> str:
    if heat < rules.publish_at:
        return f"below the bar: heat {heat}, {rules.publish_at} is needed"
    bar = f"at or above {rules.publish_at}"
    if not relatives:
        return f"stands alone: quality {heat}, {bar}"
    counted = _counted(relatives, rules)
    many = f"{len(relatives)} related article{'s' if len(relatives) > 1 else ''}"
    most = f", of which {counted} count" if counted < len(relatives) else ""
    total = f"{article.quality} + {counted} × {rules.heat_per_relative} = {heat}, {bar}"
    best = min(relatives, key=lambda other: other.rank)
    if best.rank < article.rank:
        within = f"a challenger with {best.quality} is within the margin of {rules.margin}"
        return f"keeps the lead: {within}; leads {many}{most}: {total}"
    return f"leads {many}{most}: {total}"
