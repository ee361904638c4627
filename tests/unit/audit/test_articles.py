"""One article in the store, judged by hand-made articles, decisions and links."""

from dataclasses import replace

import pytest

from services.console.audit import articles
from services.console.audit.breaches import Promise
from services.console.audit.repair_actions import Announce, Park, Reclaim, Redecide, Wake
from services.publishing.revisions import verdict
from services.publishing.rules import Rules
from shared.article_view import Known, Linked
from shared.store import Link, Picture
from tests.unit.publishing.memory import NOW, article

URL = "https://p.example/1.jpg"


def stored(name="a", quality=80, **fields):
    return article(name, quality, **{"pending": frozenset()} | fields)


def at_rest(**fields) -> Known:
    """An article that is decided as the rules say."""
    known = Known(stored(**fields))
    return replace(known, decision=verdict(known, Rules(), NOW).decision)


def found(breaches):
    return [(one.promise, one.pending, one.mend) for one in breaches]


class TestDecided:
    def test_an_article_at_rest(self):
        assert found(articles.decided(at_rest(), {})) == []

    @pytest.mark.parametrize(
        ("pending", "mend"),
        [
            ({"decision"}, Wake("a", "a.v1")),
            ({"images", "decision"}, Announce("a", 1)),
            ({"announcement", "images", "related", "decision"}, Announce("a", 1)),
        ],
    )
    def test_one_that_waits_is_pending(self, pending, mend):
        known = replace(at_rest(), article=stored(pending=frozenset(pending)))
        assert found(articles.decided(known, {})) == [(Promise.DECIDED, True, mend)]

    def test_one_without_a_decision(self):
        assert found(articles.decided(Known(stored()), {})) == [
            (Promise.DECIDED, False, Redecide("a", "a.v1"))
        ]

    def test_one_whose_decision_is_of_another_version(self):
        known = replace(at_rest(), article=stored(version=2))
        assert found(articles.decided(known, {})) == [
            (Promise.DECIDED, False, Redecide("a", "a.v2"))
        ]

    @pytest.mark.parametrize("changed", [{"title": "Other"}, {"quality": 81}, {"quality": 20}])
    def test_one_that_is_not_shown_as_it_is(self, changed):
        known = replace(at_rest(), article=stored(**changed))
        assert found(articles.decided(known, {})) == [
            (Promise.CURRENT, False, Redecide("a", "a.v1"))
        ]

    def test_one_with_a_relative_that_it_does_not_know(self):
        known = replace(at_rest(), relatives=(Linked(stored("b", 60), 0.5),))
        assert [one.promise for one in articles.decided(known, {})] == [Promise.CURRENT]
        busy = replace(
            known, relatives=(Linked(stored("b", 60, pending=frozenset({"images"})), 0.5),)
        )
        assert found(articles.decided(busy, {})) == []
        assert found(articles.decided(known, {"b": {URL}})) == []

    def test_by_other_rules_than_todays(self):
        known = Known(stored(quality=60))
        strict = replace(known, decision=verdict(known, Rules(publish_at=50), NOW).decision)
        assert strict.decision.published
        assert found(articles.decided(strict, {})) == []


class TestPictured:
    def test_every_picture_has_an_outcome_or_is_parked(self):
        with_picture = stored(more=f'images:\n  - url: "{URL}"\n')
        failed = Picture(URL, "failed", NOW, "not-found")
        assert found(articles.pictured(Known(with_picture), {})) == [
            (Promise.PICTURES, False, Park("a", URL))
        ]
        assert found(articles.pictured(Known(with_picture, pictures={URL: failed}), {})) == []
        assert found(articles.pictured(Known(with_picture), {"a": {URL}})) == []
        assert found(articles.pictured(Known(with_picture), {"b": {URL}})) != []
        waiting = replace(with_picture, pending=frozenset({"images"}))
        assert found(articles.pictured(Known(waiting), {})) == []


class TestAddresses:
    a = replace(stored("a"), aliases=("x", "y"))
    b = replace(stored("b"), aliases=("y",))

    def test_may_be_another_articles_who_lists_them_too(self):
        here = {"a": self.a, "b": self.b}
        assert found(articles.addressed(self.a, {"x": "a", "y": "b"}, here)) == []

    def test_must_be_somebodys(self):
        here = {"a": self.a, "b": self.b}
        missing = articles.addressed(self.a, {"y": "a"}, here)
        assert found(missing) == [(Promise.ALIASES, False, Reclaim("a", ("x", "y")))]
        assert found(articles.addressed(self.a, {"x": "b", "y": "a"}, here)) == [
            (Promise.ALIASES, False, None)
        ]

    def test_of_the_ledger_are_listed(self):
        owners = {"x": "a", "z": "a", "w": "nobody"}
        wrong = [
            (alias, one.article_id) for alias, one in articles.unresolved(owners, {"a": self.a})
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
    def test_what_is_no_relation(self, links, stored_ids):
        assert [one.promise for one in articles.related("a", links, set(stored_ids))] == [
            Promise.RELATIONS
        ]

    def test_one_that_is(self):
        link = Link("a", "b", 0.5)
        assert list(articles.related("a", {"a": [link], "b": [link]}, {"a", "b"})) == []


def test_a_lead_is_an_article_of_the_store():
    decision = at_rest().decision
    assert list(articles.led(decision, {"a"})) == []
    assert [one.promise for one in articles.led(decision, set())] == [Promise.LEAD]
