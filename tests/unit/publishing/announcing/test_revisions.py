"""When a decision is a new revision for consumers, and what it says."""

import json
from dataclasses import replace
from datetime import timedelta

from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.events.public.articles import RetractedArticle
from shared.views.article_snapshot import ArticleSnapshot, Relative
from tests.unit.publishing.memory_store import NOW, make_article

RULES = Rules()
LATER = NOW + timedelta(minutes=1)


def decide_and_save(snapshot):
    write = plan_decision_write(snapshot, RULES, NOW)
    return snapshot if write is None else replace(snapshot, decision=write.decision)


def decided_article(name="a", quality=80, **fields):
    return decide_and_save(ArticleSnapshot(make_article(name, quality, **fields)))


def relate(snapshot, article, **fields):
    return replace(snapshot, relatives=(Relative(article, 0.5, **fields),))


def test_a_first_publication_is_revision_1_with_everything_in_it():
    decision = decided_article().decision
    data = json.loads(decision.latest.data)
    assert (decision.revision, decision.latest.kind, decision.latest.at) == (1, "published", NOW)
    assert data == {
        "id": "a",
        "revision": 1,
        "storyId": "sa",
        "type": "article",
        "title": "Title of a",
        "publishedDateTime": "2026-03-02T10:00:00Z",
        "url": "https://paper.example/a",
        "webUrl": "https://paper.example/a",
        "quality": 80,
        "heat": 80,
        "published": True,
        "lead": "a",
        "reasonCode": "stands-alone",
        "reason": "stands alone: quality 80, at or above 70",
        "topics": [],
        "images": [],
        "related": [],
        "filledIn": [],
    }


def test_an_article_below_the_threshold_is_decided_but_never_published():
    write = plan_decision_write(ArticleSnapshot(make_article("a", 69)), RULES, NOW)
    assert write.revision is None
    decision = write.decision
    assert (decision.stamp, decision.revision, decision.shown) == (1, 0, "")


def test_a_decision_that_stands_is_not_made_again():
    assert plan_decision_write(decided_article(), RULES, LATER) is None


def test_the_same_inputs_give_the_same_bytes():
    first = plan_decision_write(ArticleSnapshot(make_article("a", 80)), RULES, NOW)
    second = plan_decision_write(ArticleSnapshot(make_article("a", 80)), RULES, NOW)
    assert first == second


def test_a_change_that_consumers_see_is_an_update():
    changed = make_article("a", 80, title="Corrected", version=2)
    write = plan_decision_write(replace(decided_article(), article=changed), RULES, LATER)
    revision = write.revision
    assert (revision.kind, revision.number, write.decision.stamp) == ("updated", 2, 2)
    assert json.loads(revision.data)["title"] == "Corrected"


def test_a_change_that_consumers_do_not_see_is_a_decision_without_a_revision():
    changed = make_article("a", 80, version=2)
    write = plan_decision_write(replace(decided_article(), article=changed), RULES, LATER)
    assert (write.revision, write.decision.revision, write.decision.version) == (None, 1, 2)
    assert write.decision.latest == decided_article().decision.latest


def test_a_new_relative_is_an_update():
    snapshot = relate(decided_article(), make_article("b", 60))
    revision = plan_decision_write(snapshot, RULES, LATER).revision
    data = json.loads(revision.data)
    assert (revision.kind, data["heat"], data["related"][0]["id"]) == ("updated", 90, "b")


def test_a_new_title_of_a_relative_is_an_update_of_the_lead_that_shows_it():
    snapshot = decide_and_save(relate(decided_article(), make_article("b", 60)))
    corrected = make_article("b", 60, title="Corrected")
    revision = plan_decision_write(relate(snapshot, corrected), RULES, LATER).revision
    assert (revision.kind, revision.number) == ("updated", 3)


def test_a_lost_lead_is_retracted_with_reason_and_successor():
    snapshot = relate(decided_article(), make_article("b", 90))
    write = plan_decision_write(snapshot, RULES, LATER)
    assert write.revision.kind == "retracted"
    assert json.loads(write.revision.data) == {
        "id": "a",
        "revision": 2,
        "storyId": "sa",
        "type": "article",
        "title": "Title of a",
        "publishedDateTime": "2026-03-02T10:00:00Z",
        "url": "https://paper.example/a",
        "webUrl": "https://paper.example/a",
        "successor": "b",
        "reasonCode": "outranked",
        "reason": "lost the lead to “Title of b” (quality 90 against 80)",
    }
    assert (write.decision.heat, write.decision.lead, write.decision.shown) == (-1, "b", "")


def test_a_heat_that_fell_is_retracted_without_a_successor():
    weaker = make_article("a", 60, version=2)
    write = plan_decision_write(replace(decided_article(), article=weaker), RULES, LATER)
    data = json.loads(write.revision.data)
    assert data["reason"] == "below the publish threshold: heat 60, 70 is needed"
    assert data["reasonCode"] == "below-threshold"
    assert "successor" not in data


def test_a_retraction_shows_what_was_shown_last_and_no_later_title():
    renamed = make_article("a", 60, title="Never shown", version=2)
    moved = replace(decided_article(), article=renamed, in_story="s-other")
    data = json.loads(plan_decision_write(moved, RULES, LATER).revision.data)
    assert (data["title"], data["storyId"]) == ("Title of a", "sa")
    assert RetractedArticle.model_validate_json(json.dumps(data)).as_json() == data


def test_another_story_is_an_update():
    revision = plan_decision_write(
        replace(decided_article(), in_story="s-other"), RULES, LATER
    ).revision
    data = json.loads(revision.data)
    assert (revision.kind, data["storyId"]) == ("updated", "s-other")


def test_what_comes_back_is_published_with_the_next_revision():
    outranked = decide_and_save(relate(decided_article(), make_article("b", 90)))
    revision = plan_decision_write(replace(outranked, relatives=()), RULES, LATER).revision
    assert (revision.kind, revision.number) == ("published", 3)


def test_a_lost_lead_stays_lost_when_it_is_looked_at_again():
    outranked = decide_and_save(relate(decided_article(), make_article("b", 90)))
    assert plan_decision_write(outranked, RULES, LATER) is None


def test_other_rules_make_another_decision():
    write = plan_decision_write(decided_article(), Rules(publish_at=75), LATER)
    assert write.decision.rules["publish_at"] == 75
    assert write.revision.kind == "updated"  # its reason names the publish threshold


def test_secured_is_in_no_revision():
    snapshot = relate(decided_article(), make_article("b", 60))
    assert b"secured" not in snapshot.decision.latest.data


def test_integers_beyond_64_bits_are_published():
    decision = decided_article(more=f"big: {10**30}\n").decision
    assert json.loads(decision.latest.data)["extra"]["big"] == 10**30
