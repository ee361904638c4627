"""When a decision is a new revision for consumers, and what it says."""

import json
from dataclasses import replace
from datetime import timedelta

from services.publishing.revisions import unaware, verdict
from services.publishing.rules import Rules
from shared.article_view import Known, Linked
from tests.unit.publishing.memory import NOW, article

RULES = Rules()
LATER = NOW + timedelta(minutes=1)


def decided(known, rules=RULES, now=NOW):
    made = verdict(known, rules, now)
    return known if made is None else replace(known, decision=made.decision)


def alone(quality=80, **fields):
    return decided(Known(article("a", quality, **fields)))


def joined(known, other, **linked):
    return replace(known, relatives=(Linked(other, 0.5, **linked),))


def test_a_first_publication_is_revision_1_with_everything_in_it():
    decision = alone().decision
    data = json.loads(decision.latest.data)
    assert (decision.revision, decision.latest.kind, decision.latest.at) == (1, "published", NOW)
    assert data == {
        "id": "a",
        "revision": 1,
        "title": "Title of a",
        "publishedDateTime": "2026-03-02T10:00:00Z",
        "webUrl": "https://paper.example/a",
        "type": "article",
        "quality": 80,
        "heat": 80,
        "published": True,
        "images": [],
        "related": [],
        "lead": "a",
        "reason": "stands alone: quality 80, at or above 70",
    }


def test_an_article_below_the_bar_is_decided_but_never_published():
    made = verdict(Known(article("a", 69)), RULES, NOW)
    assert made.publication is None
    assert (made.decision.stamp, made.decision.revision, made.decision.shown) == (1, 0, "")


def test_a_decision_that_stands_is_not_made_again():
    assert verdict(alone(), RULES, LATER) is None


def test_the_same_inputs_give_the_same_bytes():
    one, two = (verdict(Known(article("a", 80)), RULES, NOW) for _ in range(2))
    assert one == two


def test_a_change_that_consumers_see_is_an_update():
    known = replace(alone(), article=article("a", 80, title="Corrected", version=2))
    made = verdict(known, RULES, LATER)
    assert (made.publication.kind, made.publication.revision, made.decision.stamp) == (
        "updated",
        2,
        2,
    )
    assert json.loads(made.publication.data)["title"] == "Corrected"


def test_a_change_that_consumers_do_not_see_is_a_decision_without_a_revision():
    made = verdict(replace(alone(), article=article("a", 80, version=2)), RULES, LATER)
    assert (made.publication, made.decision.revision, made.decision.version) == (None, 1, 2)
    assert made.decision.latest == alone().decision.latest


def test_a_new_relative_is_an_update():
    made = verdict(joined(alone(), article("b", 60)), RULES, LATER)
    data = json.loads(made.publication.data)
    assert (made.publication.kind, data["heat"], data["related"][0]["id"]) == ("updated", 90, "b")


def test_a_title_of_a_relative_is_an_update_of_the_lead_that_shows_it():
    known = decided(joined(alone(), article("b", 60)))
    made = verdict(joined(known, article("b", 60, title="Corrected")), RULES, LATER)
    assert (made.publication.kind, made.publication.revision) == ("updated", 3)


def test_a_lost_lead_is_retracted_with_reason_and_successor():
    made = verdict(joined(alone(), article("b", 90)), RULES, LATER)
    assert made.publication.kind == "retracted"
    assert json.loads(made.publication.data) == {
        "id": "a",
        "revision": 2,
        "reason": "lost the lead to “Title of b” (quality 90 against 80)",
        "successor": "b",
        "webUrl": "https://paper.example/a",
        "title": "Title of a",
    }
    assert (made.decision.heat, made.decision.lead, made.decision.shown) == (-1, "b", "")


def test_a_heat_that_fell_is_retracted_without_a_successor():
    made = verdict(replace(alone(), article=article("a", 60, version=2)), RULES, LATER)
    data = json.loads(made.publication.data)
    assert (data["reason"], data["successor"]) == ("below the bar: heat 60, 70 is needed", None)


def test_what_comes_back_is_published_with_the_next_revision():
    lost = decided(joined(alone(), article("b", 90)))
    made = verdict(replace(lost, relatives=()), RULES, LATER)
    assert (made.publication.kind, made.publication.revision) == ("published", 3)


def test_a_lost_lead_stays_lost_when_it_is_looked_at_again():
    lost = decided(joined(alone(), article("b", 90)))
    assert verdict(lost, RULES, LATER) is None


def test_other_rules_make_another_decision():
    made = verdict(alone(), Rules(publish_at=75), LATER)
    assert made.decision.rules["publish_at"] == 75
    assert made.publication.kind == "updated"  # its reason names the bar


def test_a_relative_that_did_not_see_who_leads_is_unaware():
    lead = decided(Known(article("a", 80)))
    second = decided(Known(article("b", 60)))
    assert unaware(joined(lead, second.article, decision=second.decision)) == ["b"]


def test_a_relative_that_saw_who_leads_is_aware():
    lead = decided(Known(article("a", 80)))
    second = decided(joined(Known(article("b", 60)), lead.article, decision=lead.decision))
    assert unaware(joined(lead, second.article, decision=second.decision)) == []


def test_an_undecided_relative_needs_no_waking():
    assert unaware(joined(alone(), article("b", 60))) == []


def test_secured_is_in_no_publication():
    assert b"secured" not in joined(alone(), article("b", 60)).decision.latest.data


def test_whole_numbers_beyond_64_bits_are_published():
    assert json.loads(alone(more=f"big: {10**30}\n").decision.latest.data)["big"] == 10**30
