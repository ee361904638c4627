"""Whether decisions that were saved rest on what is stored by then.

Several processes decide related articles at the same time, each on the last decisions of the
others. Each saves first, and then reads what it has decided on once more: the links, and which
decisions about the relatives are stored. So of two processes at least one sees what the other has
saved. Who links the article later, or decides a relative later, sees this decision.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.publishing.deciding.decision_inputs import Contest, group_links
from services.publishing.deciding.known_decisions import Basis, build_basis
from shared.store import NO_DECISION, Decision, DecisionMark, Store


def apply_saved(contests: Sequence[Contest], saved: Mapping[str, Decision]) -> list[Contest]:
    """*contests*, with the decisions that were *saved* since.

    They were loaded together, and share one mapping of bases.
    """
    if not contests:
        return []
    bases: dict[str, Basis] = {**contests[0].relative_bases}
    for article_id, saved_decision in saved.items():
        bases[article_id] = build_basis(saved_decision)
    applied: list[Contest] = []
    for contest in contests:
        decision = saved.get(contest.article.id, contest.decision)
        applied.append(replace(contest, decision=decision, relative_bases=bases))
    return applied


async def find_confirmed(contests: Sequence[Contest], store: Store) -> set[str]:
    """The articles of *contests* whose links, and whose relatives' decisions, are stored as here.

    The articles themselves are not read again.
    """
    if not contests:
        return set()
    ids = [contest.article.id for contest in contests]
    links = group_links(ids, await store.links.list_around(ids))
    marks: dict[str, DecisionMark] = {}
    for contest in contests:
        for relative_id in contest.links:
            basis = contest.relative_bases.get(relative_id)
            marks[relative_id] = basis.mark if basis else NO_DECISION
    others = await store.decisions.get_if_other(marks) if marks else {}
    confirmed: set[str] = set()
    for contest in contests:
        is_linked_alike = links[contest.article.id] == contest.links
        if is_linked_alike and others.keys().isdisjoint(contest.links):
            confirmed.add(contest.article.id)
    return confirmed
