"""What becomes of a story when links between its articles are taken away or added. Pure.

Publishing's own rules decide, again and again until no lead changes, as publishing does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from services.console.actions.stories.story_acts import StoryAct
from services.publishing.announcing.story_leads import select_lead
from services.publishing.deciding.decision import Outcome, decide
from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules
from shared.store import ordered_pair

MAX_ROUNDS: Final = 6  # leads that depend on leads settle in two or three

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """Articles that form a story: how many, which leads, its heat, and whether it is published."""

    size: int
    lead_id: str
    lead_title: str
    heat: int
    is_published: bool


@dataclass(frozen=True)
class Field:
    """The articles that an act concerns and their relatives, as they are."""

    contenders: Mapping[str, Contender]
    links: Pairs
    rules: Rules


def apply(
    act: StoryAct, field: Field, members: frozenset[str], others: frozenset[str]
) -> tuple[Field, list[frozenset[str]]]:
    """The field and the stories after the act; the first story is what *members* become."""
    chosen = frozenset(act.article_ids)
    if act.kind == "split":
        apart = _pair_up(chosen, members - chosen)
        return replace(field, links=field.links - apart), [members - chosen, chosen]
    if act.kind == "merge":
        together = members | others
        best = min(
            (field.contenders[each] for each in together if each in field.contenders),
            key=lambda contender: contender.ranking_key,
        )
        ties = _pair_up({best.id}, together - {best.id})
        return replace(field, links=field.links | ties), [together]
    pair = _pair_up(act.article_ids[:1], act.article_ids[1:])
    if act.kind == "pin":
        return replace(field, links=field.links | pair), [members | chosen]
    weaker = max(
        (field.contenders[each] for each in chosen), key=lambda contender: contender.ranking_key
    )
    leaving = frozenset({weaker.id}) & members
    groups = [members - leaving, leaving] if leaving else [members]
    return replace(field, links=field.links - pair), groups


def predict(field: Field, groups: Sequence[frozenset[str]], lead_id: str) -> list[Group]:
    """Who leads each group, and with what heat. *lead_id* leads the first story now. Pure."""
    concerned = frozenset[str]().union(*groups) & field.contenders.keys()
    contenders = dict(field.contenders)
    neighbours = _list_neighbours(field.links)
    outcomes: dict[str, Outcome] = {}
    for _ in range(MAX_ROUNDS):
        for article_id in concerned:
            relatives = _rank(neighbours[article_id], contenders)
            outcomes[article_id] = decide(contenders[article_id], relatives, field.rules)
        settled = True
        for article_id, outcome in outcomes.items():
            leads = outcome.lead == article_id
            settled = settled and contenders[article_id].is_lead == leads
            contenders[article_id] = replace(contenders[article_id], is_lead=leads)
        if settled:
            break
    return [
        _summarise(group & concerned, contenders, outcomes, lead_id, field.rules)
        for group in groups
    ]


def _summarise(
    group: frozenset[str],
    contenders: Mapping[str, Contender],
    outcomes: Mapping[str, Outcome],
    lead_id: str,
    rules: Rules,
) -> Group:
    leading = [contenders[each] for each in group if contenders[each].is_lead]
    holder = contenders.get(lead_id) if lead_id in group else None
    lead = select_lead(leading, holder, rules)
    if lead is None:
        return Group(len(group), "", "", heat=-1, is_published=False)
    outcome = outcomes[lead.id]
    return Group(len(group), lead.id, lead.title, outcome.heat, outcome.published)


def _list_neighbours(links: Pairs) -> Mapping[str, set[str]]:
    neighbours: dict[str, set[str]] = defaultdict(set)
    for a, b in links:
        neighbours[a].add(b)
        neighbours[b].add(a)
    return neighbours


def _rank(ids: Iterable[str], contenders: Mapping[str, Contender]) -> list[Contender]:
    """Those that are known, best first."""
    relatives = [contenders[article_id] for article_id in ids if article_id in contenders]
    return sorted(relatives, key=lambda relative: relative.ranking_key)


def _pair_up(first: Iterable[str], second: Iterable[str]) -> Pairs:
    pairs = product(first, second)
    return frozenset(ordered_pair(a, b) for a, b in pairs if a != b)
