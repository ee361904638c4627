"""Decides the articles of a batch together, each beside what the others are decided to be. Pure.

Whether an article leads depends on which of its relatives lead. Those of a batch that are related
are decided again and again until nobody gains or loses the lead. That ends, for an article with a
better relative never gains the lead, and one without never loses it (`ranking.py`). What is saved
is the end alone: one decision of each article, and no revision that the next one would replace.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from services.publishing.deciding.decision import Outcome, decide
from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.reasons import explain_outranked
from services.publishing.deciding.rules import Rules


class DecidedContest(NamedTuple):
    """A contest in which those lead that do by the outcomes of the batch, and its own outcome."""

    contest: Contest
    outcome: Outcome


def decide_together(contests: Collection[Contest], rules: Rules) -> list[DecidedContest]:
    """What the rules say about the articles of these contests, in their order.

    The contests come as they are stored.
    """
    contenders = {contest.article.id: contest.contender for contest in contests}
    outcomes: dict[str, Outcome] = {}
    remaining = contests
    while remaining:
        for contest in remaining:
            current = _with_contenders(contest, contenders)
            outcomes[contest.article.id] = decide(current.contender, current.relatives, rules)
        moved = _move_leads(contenders, outcomes)
        remaining = [contest for contest in contests if _depends_on(contest, moved)]
    decided: list[DecidedContest] = []
    for contest in contests:
        current = _with_contenders(contest, contenders)
        outcome = _explain_loss(contest.contender, current, outcomes[contest.article.id])
        decided.append(DecidedContest(current, outcome))
    return decided


def _with_contenders(contest: Contest, contenders: Mapping[str, Contender]) -> Contest:
    """*contest* with these *contenders* in place of what it has of them."""
    relatives = [contenders.get(relative.id, relative) for relative in contest.relatives]
    return replace(contest, contender=contenders[contest.article.id], relatives=relatives)


def _move_leads(contenders: dict[str, Contender], outcomes: Mapping[str, Outcome]) -> set[str]:
    """Let those of *contenders* lead that do by their *outcomes*; returns whom that changes."""
    moved: set[str] = set()
    for article_id, outcome in outcomes.items():
        contender, is_lead = contenders[article_id], outcome.lead == article_id
        if contender.is_lead != is_lead:
            contenders[article_id] = replace(contender, is_lead=is_lead)
            moved.add(article_id)
    return moved


def _depends_on(contest: Contest, moved: Collection[str]) -> bool:
    if contest.article.id in moved:
        return True
    return any(article_id in contest.links for article_id in moved)


def _explain_loss(before: Contender, current: Contest, outcome: Outcome) -> Outcome:
    """*outcome*; where the article led *before*, its reason says that it lost the lead."""
    if not before.is_lead or outcome.lead == before.id:
        return outcome
    lead = next(relative for relative in current.relatives if relative.id == outcome.lead)
    return replace(outcome, reason=explain_outranked(before, lead))
