"""Whose decision rests on something that is no longer so: pure.

A decision depends on few facts of the relatives, and it keeps them as its inputs. The decision of a
lead depends on all its relatives, because they count and the best are shown. That of an outranked
article depends on who leads it and on which relatives lead, and on nothing else. So a new article
in a large story makes one decision outdated, that of the lead.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.publishing.contests import Contest
from services.publishing.ranking import Contender
from shared.store import Decision


def find_outdated_relatives(contest: Contest) -> list[str]:
    """The relatives whose decisions do not rest on what the article of *contest* is now."""
    outdated: list[str] = []
    for relative in contest.relatives:
        decision = contest.relative_decisions.get(relative.id)
        if decision and is_outdated(decision, contest.contender):
            outdated.append(relative.id)
    return outdated


def is_outdated(decision: Decision, contender: Contender) -> bool:
    """Whether *decision*, about a relative of *contender*, would be another one now."""
    inputs = decision.inputs
    if (contender.id in inputs["holders"]) != contender.is_lead:
        return True
    recorded = _find_recorded(inputs, contender.id)
    if recorded is not None:
        return not _is_current(recorded, inputs, decision, contender)
    if decision.lead == decision.article_id:
        return True  # a lead counts all relatives, and this one is not among them
    return decision.lead not in inputs["holders"] and _is_better_lead(contender, decision)


def _find_recorded(inputs: Mapping[str, Any], article_id: str) -> Mapping[str, Any] | None:
    for entry in inputs["relatives"]:
        if entry["id"] == article_id:
            return dict(entry)
    return None


def _is_current(
    recorded: Mapping[str, Any], inputs: Mapping[str, Any], decision: Decision, contender: Contender
) -> bool:
    if recorded["quality"] != contender.quality:
        return False
    if recorded.get("version", contender.version) != contender.version:
        return False
    published_at = contender.published_at.isoformat()
    if recorded.get("publishedAt", published_at) != published_at:
        return False
    return decision.lead != contender.id or inputs.get("leadTitle") == contender.title


def _is_better_lead(contender: Contender, decision: Decision) -> bool:
    """Whether *contender* ranks before the article by which *decision* is outranked.

    Where no relative leads, the best of those that outrank an article stands for it.
    """
    recorded = _find_recorded(decision.inputs, decision.lead)
    if recorded is None or "publishedAt" not in recorded:
        return True
    published_at = datetime.fromisoformat(recorded["publishedAt"])
    return contender.ranking_key < (-recorded["quality"], published_at, decision.lead)
