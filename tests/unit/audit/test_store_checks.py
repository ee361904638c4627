"""Checks of one article in the store, with articles, decisions and links made by hand."""

from dataclasses import replace

import pytest

from services.console.audit.breaches import Promise
from services.console.audit.checks import store_checks
from services.console.audit.repairs.repair_actions import (
    AnnounceVersion,
    DecideAgain,
    ParkPicture,
    ReclaimAliases,
    WakePublishing,
)
from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.store import Link, Picture
from shared.views.article_snapshot import ArticleSnapshot, Relative
from tests.unit.publishing.memory_store import NOW, make_article

URL = "https://p.example/1.jpg"


def stored(name="a", quality=80, **fields):
    return make_article(name, quality, **{"pending": frozenset()} | fields)


def at_rest(**fields) -> ArticleSnapshot:
    """An article whose decision is what the rules say."""
    known = ArticleSnapshot(stored(**fields))
    return replace(known, decision=plan_decision_write(known, Rules(), NOW).decision)


def summarize(breaches):
    return [(breach.promise, breach.pending, breach.repair_action) for breach in breaches]


class TestDecisions:
    def test_an_article_at_rest_has_no_breach(self):
        assert summarize(store_checks.check_decision(at_rest(), {})) == []

    @pytest.mark.parametrize(
        ("pending", "repair_action"),
        [
            ({"decision"}, WakePublishing("a", "a.v1")),
            ({"images", "decision"}, AnnounceVersion("a", 1)),
            ({"announcement", "images", "related", "decision"}, AnnounceVersion("a", 1)),
        ],
    )
    def test_an_article_with_pending_tasks_is_pending(self, pending, repair_action):
        known = replace(at_rest(), article=stored(pending=frozenset(pending)))
        assert summarize(store_checks.check_decision(known, {})) == [
            (Promise.DECIDED, True, repair_action)
        ]

    def test_an_article_without_a_decision(self):
        assert summarize(store_checks.check_decision(ArticleSnapshot(stored()), {})) == [
            (Promise.DECIDED, False, DecideAgain("a", "a.v1"))
        ]

    def test_a_decision_on_another_version(self):
        known = replace(at_rest(), article=stored(version=2))
        assert summarize(store_checks.check_decision(known, {})) == [
            (Promise.DECIDED, False, DecideAgain("a", "a.v2"))
        ]

    @pytest.mark.parametrize("changed", [{"title": "Other"}, {"quality": 81}, {"quality": 20}])
    def test_consumers_see_an_older_state(self, changed):
        known = replace(at_rest(), article=stored(**changed))
        assert summarize(store_checks.check_decision(known, {})) == [
            (Promise.CURRENT, False, DecideAgain("a", "a.v1"))
        ]

    def test_a_relative_that_the_decision_does_not_know(self):
        known = replace(at_rest(), relatives=(Relative(stored("b", 60), 0.5),))
        assert [breach.promise for breach in store_checks.check_decision(known, {})] == [
            Promise.CURRENT
        ]
        busy = replace(
            known, relatives=(Relative(stored("b", 60, pending=frozenset({"images"})), 0.5),)
        )
        assert summarize(store_checks.check_decision(busy, {})) == []
        assert summarize(store_checks.check_decision(known, {"b": {URL}})) == []

    def test_the_decisions_own_rules_are_applied(self):
        known = ArticleSnapshot(stored(quality=60))
        strict = replace(
            known, decision=plan_decision_write(known, Rules(publish_at=50), NOW).decision
        )
        assert strict.decision.published
        assert summarize(store_checks.check_decision(strict, {})) == []


class TestPictures:
    def test_every_picture_has_an_outcome_or_is_parked(self):
        with_picture = stored(more=f'images:\n  - url: "{URL}"\n')
        failed = Picture(URL, "failed", NOW, "not-found")
        assert summarize(store_checks.check_pictures(ArticleSnapshot(with_picture), {})) == [
            (Promise.PICTURES, False, ParkPicture("a", URL))
        ]
        assert (
            summarize(
                store_checks.check_pictures(
                    ArticleSnapshot(with_picture, pictures={URL: failed}), {}
                )
            )
            == []
        )
        assert (
            summarize(store_checks.check_pictures(ArticleSnapshot(with_picture), {"a": {URL}}))
            == []
        )
        assert (
            summarize(store_checks.check_pictures(ArticleSnapshot(with_picture), {"b": {URL}}))
            != []
        )
        waiting = replace(with_picture, pending=frozenset({"images"}))
        assert summarize(store_checks.check_pictures(ArticleSnapshot(waiting), {})) == []


class TestAliases:
    a = replace(stored("a"), aliases=("x", "y"))
    b = replace(stored("b"), aliases=("y",))

    def test_may_belong_to_another_article_that_lists_them_too(self):
        here = {"a": self.a, "b": self.b}
        assert summarize(store_checks.check_aliases(self.a, {"x": "a", "y": "b"}, here)) == []

    def test_must_resolve_to_an_article_that_lists_them(self):
        here = {"a": self.a, "b": self.b}
        missing = store_checks.check_aliases(self.a, {"y": "a"}, here)
        assert summarize(missing) == [(Promise.ALIASES, False, ReclaimAliases("a", ("x", "y")))]
        assert summarize(store_checks.check_aliases(self.a, {"x": "b", "y": "a"}, here)) == [
            (Promise.ALIASES, False, None)
        ]

    def test_that_resolve_are_listed_by_their_article(self):
        owners = {"x": "a", "z": "a", "w": "nobody"}
        wrong = [
            (alias, breach.article_id)
            for alias, breach in store_checks.find_unresolved(owners, {"a": self.a}).items()
        ]
        assert wrong == [("z", "a"), ("w", "nobody")]


class TestRelations:
    @pytest.mark.parametrize(
        ("links", "stored_ids"),
        [
            ({"a": [Link("a", "b", 0.5)], "b": [Link("a", "b", 0.5)]}, "a"),
            ({"a": [Link("a", "b", 0.5)], "b": []}, "ab"),
            ({"a": [Link("a", "b", 0.5)], "b": [Link("a", "b", 0.6)]}, "ab"),
            ({"a": [Link("b", "a", 0.5)], "b": [Link("b", "a", 0.5)]}, "ab"),
            ({"a": [Link("a", "a", 0.5)]}, "ab"),
        ],
    )
    def test_links_that_are_not_symmetric(self, links, stored_ids):
        assert [
            breach.promise for breach in store_checks.check_links("a", links, set(stored_ids))
        ] == [Promise.RELATIONS]

    def test_a_symmetric_link(self):
        link = Link("a", "b", 0.5)
        assert list(store_checks.check_links("a", {"a": [link], "b": [link]}, {"a", "b"})) == []


def test_a_lead_is_an_article_of_the_store():
    decision = at_rest().decision
    assert list(store_checks.check_lead(decision, {"a"})) == []
    assert [breach.promise for breach in store_checks.check_lead(decision, set())] == [Promise.LEAD]
