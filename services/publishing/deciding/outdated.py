"""Whose decision rests on something that is no longer so: pure.

A decision depends on few facts of the relatives, and it keeps them as its inputs. The decision of a
lead depends on all its relatives, because they count and the best are shown. That of an outranked
article depends on who leads it and on which relatives lead, and on nothing else. So a new article
in a large story makes one decision outdated, that of the lead.
"""

from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.known_decisions import Basis, NamedRelative
from services.publishing.deciding.ranking import Contender


def find_outdated_relatives(contest: Contest) -> list[str]:
    """The relatives whose decisions do not rest on what the article of *contest* is now."""
    outdated: list[str] = []
    for relative in contest.relatives:
        basis = contest.relative_bases.get(relative.id)
        if basis and is_outdated(basis, contest.contender):
            outdated.append(relative.id)
    return outdated


def is_outdated(basis: Basis, contender: Contender) -> bool:
    """Whether a decision with this *basis*, about a relative, would be another one now."""
    if (contender.id in basis.holders) != contender.is_lead:
        return True
    named = basis.relatives.get(contender.id)
    if named is not None:
        return not _is_current(named, basis, contender)
    if basis.is_lead:
        return True  # a lead counts all relatives, and this one is not among them
    return basis.lead not in basis.holders and _is_better_lead(contender, basis)


def _is_current(named: NamedRelative, basis: Basis, contender: Contender) -> bool:
    if named.quality != contender.quality:
        return False
    if named.version not in (None, contender.version):
        return False
    if named.published_at not in (None, contender.published_at):
        return False
    return basis.lead != contender.id or basis.lead_title == contender.title


def _is_better_lead(contender: Contender, basis: Basis) -> bool:
    """Whether *contender* ranks before the article by which the other is outranked.

    Where no relative leads, the best of those that outrank an article stands for it.
    """
    lead = basis.relatives.get(basis.lead)
    if lead is None or lead.published_at is None:
        return True
    return contender.ranking_key < (-lead.quality, lead.published_at, basis.lead)
