"""Whose decision rests on something that is no longer so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.publishing.deciding.decision import decide
from services.publishing.deciding.known_decisions import Basis, NamedRelative, build_basis
from services.publishing.deciding.outdated import is_outdated
from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules
from shared.store import Decision

RULES = Rules()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def contender(name: str, quality: int, is_lead: bool = False, **fields: Any) -> Contender:
    return Contender(name, f"Title of {name}", quality, NOON, is_lead, **fields)


def decide_article(article: Contender, *relatives: Contender) -> Basis:
    in_order = sorted(relatives, key=lambda relative: relative.ranking_key)
    outcome = decide(article, in_order, RULES)
    decision = Decision(
        article_id=article.id,
        stamp=1,
        version=1,
        revision=0,
        published=outcome.published,
        heat=outcome.heat,
        lead=outcome.lead,
        reason=outcome.reason,
        rules={},
        inputs=outcome.inputs,
        decided_at=NOON,
    )
    return build_basis(decision)


A = contender("a", 80)
B = contender("b", 60)
LEADING_A = replace(A, is_lead=True)


def test_a_relative_that_did_not_see_who_leads_is_outdated():
    assert is_outdated(decide_article(B), LEADING_A)
    assert is_outdated(decide_article(B, A), LEADING_A)
    assert is_outdated(decide_article(B, LEADING_A), A)


def test_a_relative_that_saw_who_leads_is_not_outdated():
    assert not is_outdated(decide_article(B, LEADING_A), LEADING_A)


def test_a_lead_is_outdated_by_a_relative_that_it_did_not_count():
    assert is_outdated(decide_article(A), B)
    assert not is_outdated(decide_article(A, B), B)


def test_a_lead_is_outdated_by_a_relative_that_changed():
    decision = decide_article(A, B)
    assert is_outdated(decision, replace(B, quality=61))
    assert is_outdated(decision, replace(B, version=2))  # the lead shows it


def test_an_outranked_article_is_not_outdated_by_another_that_does_not_lead():
    decision = decide_article(B, LEADING_A)
    assert not is_outdated(decision, contender("c", 50))
    assert not is_outdated(decision, contender("c", 70))


def test_an_outranked_article_is_outdated_by_a_change_of_its_lead():
    decision = decide_article(B, LEADING_A)
    assert is_outdated(decision, replace(LEADING_A, quality=81))
    assert is_outdated(decision, replace(LEADING_A, title="Corrected"))
    assert is_outdated(decision, replace(LEADING_A, published_at=NOON + timedelta(hours=1)))
    assert not is_outdated(decision, replace(LEADING_A, version=2))


def test_where_no_relative_leads_a_better_one_becomes_the_lead():
    decision = decide_article(B, contender("c", 70))
    assert is_outdated(decision, contender("d", 71))
    assert not is_outdated(decision, contender("d", 69))


def test_a_decision_by_an_older_version_of_the_rules_is_compared_by_what_it_has():
    known = NamedRelative(quality=80, version=None, published_at=None)
    poor = NamedRelative(quality=10, version=None, published_at=None)
    old = replace(decide_article(B, LEADING_A), relatives={"a": known, "c": poor})
    assert not is_outdated(old, LEADING_A)
    assert not is_outdated(old, contender("c", 10))
    assert is_outdated(old, contender("c", 11))
