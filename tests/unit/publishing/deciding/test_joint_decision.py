"""The articles of a batch are decided as they would be one after another, with the end alone."""

import random
from collections.abc import Mapping
from dataclasses import replace

from services.publishing.deciding.decision import Outcome, decide
from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.joint_decision import decide_together
from services.publishing.deciding.ranking import Contender, build_contender
from services.publishing.deciding.rules import Rules
from shared.store import Link, ordered_pair
from tests.unit.publishing.memory_store import make_article

RULES = Rules()


def build_contest(
    article: Contender, relatives: Mapping[str, Contender], quality: int | None = None
) -> Contest:
    in_order = sorted(relatives.values(), key=lambda relative: relative.ranking_key)
    links = {name: Link(*ordered_pair(article.id, name), 0.5) for name in relatives}
    return Contest(make_article(article.id, quality), article, in_order, links, None, {})


def contender(name: str, quality: int, is_lead: bool = False) -> Contender:
    return replace(build_contender(make_article(name, quality), None), is_lead=is_lead)


def decide_in_rounds(contests: list[Contest]) -> dict[str, Outcome]:
    """As if each round saved what it decides, and the next began with that."""
    current = {contest.article.id: contest.contender for contest in contests}
    while True:
        outcomes: dict[str, Outcome] = {}
        for contest in contests:
            relatives = [current.get(each.id, each) for each in contest.relatives]
            outcomes[contest.article.id] = decide(current[contest.article.id], relatives, RULES)
        after: dict[str, Contender] = {}
        for name, each in current.items():
            after[name] = replace(each, is_lead=outcomes[name].lead == name)
        if after == current:
            return outcomes
        current = after


def test_it_ends_where_rounds_that_save_each_decision_end():
    for seed in range(300):
        chance = random.Random(seed)
        known = [
            contender(name, chance.randint(68, 74), chance.random() < 0.3) for name in "abcdefgh"
        ]
        related: dict[str, dict[str, Contender]] = {each.id: {} for each in known}
        for a in known:
            for b in known:
                if a.id < b.id and chance.random() < 0.4:
                    related[a.id][b.id] = b
                    related[b.id][a.id] = a
        # some of them are of other batches: they stay as they are stored
        contests = [build_contest(each, related[each.id]) for each in known[:6]]
        expected = decide_in_rounds(contests)
        for contest, outcome in decide_together(contests, RULES):
            name = contest.article.id
            assert replace(outcome, reason="") == replace(expected[name], reason="")
            assert contest.contender.is_lead == (outcome.lead == name)


def test_who_led_before_the_batch_has_lost_the_lead():
    holder, challenger = contender("a", 70, is_lead=True), contender("b", 80)
    contests = [build_contest(holder, {"b": challenger}), build_contest(challenger, {"a": holder})]
    (_, lost), (_, won) = decide_together(contests, RULES)
    assert lost.reason == "lost the lead to “Title of b” (quality 80 against 70)"
    assert won.lead == "b"
    assert lost.inputs["holders"] == ["b"]


def test_who_waits_for_nobody_of_the_batch_is_decided_alone():
    (contest, outcome) = decide_together([build_contest(contender("a", 80), {})], RULES)[0]
    assert (outcome.lead, outcome.heat) == ("a", 80)
    assert contest.contender.is_lead
