"""Relations as the seeds give them: what is pure of it."""

from datetime import UTC, datetime

from services.enrichment.related.given.clusters import cluster_connected
from services.enrichment.related.given.explanation import explain_given_pair
from services.enrichment.related.given.given_links import plan_links
from services.enrichment.related.given.listed_urls import build_signatures
from services.enrichment.related.stories.overrides import OverrideConstraints, resolve_overrides
from shared.article import collect_aliases, parse_seed
from shared.store import Link, Override, StoredArticle
from tests.integration.stories.given_newsroom import build_seed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREE = OverrideConstraints()


def store_article(name: str, *listed: str) -> StoredArticle:
    seed = build_seed(name, 50, listed)
    return StoredArticle(name, seed, 3, collect_aliases(parse_seed(seed)), NOON, NOON)


def override(kind: str, a: str, b: str) -> Override:
    return Override(kind, (a,), (b,), "ann", NOON)  # type: ignore[arg-type]


def given_link(a: str, b: str, pinned: bool = False) -> Link:
    return Link(a, b, 1.0, pinned, event=1.0)


def test_the_signature_of_an_article_has_the_urls_that_its_seed_lists():
    (signature,) = build_signatures([store_article("a", "b", "c")])
    assert signature.terms == ("b.example/story", "c.example/story")
    assert (signature.article_id, signature.version) == ("a", 3)


class TestClusters:
    def test_they_are_what_is_connected(self):
        clusters = cluster_connected("abcde", [("a", "b"), ("b", "c"), ("d", "e")], FREE)
        assert clusters == [{"a", "b", "c"}, {"d", "e"}]

    def test_blocked_articles_are_in_different_clusters(self):
        apart = OverrideConstraints(cannot_link=frozenset({("a", "b")}))
        clusters = cluster_connected("abc", [("a", "b"), ("a", "c"), ("b", "c")], apart)
        assert clusters == [{"a", "c"}, {"b"}]

    def test_pinned_articles_come_together_first(self):
        constraints = OverrideConstraints(
            must_link=frozenset({("b", "c")}), cannot_link=frozenset({("a", "b")})
        )
        clusters = cluster_connected("abc", [("a", "c")], constraints)
        assert clusters == [{"a"}, {"b", "c"}]


class TestLinks:
    def test_given_pairs_are_saved_and_others_removed(self):
        existing = [given_link("a", "b"), given_link("a", "z")]
        changes = plan_links({"a"}, [("a", "b"), ("a", "c")], existing, FREE)
        assert changes.saved == [given_link("a", "c")]
        assert changes.removed == {("a", "z")}

    def test_a_block_removes_a_given_pair(self):
        constraints = resolve_overrides([override("block", "a", "b")])
        changes = plan_links({"a"}, [("a", "b")], [given_link("a", "b")], constraints)
        assert (changes.saved, changes.removed) == ([], {("a", "b")})

    def test_a_pin_adds_a_pair(self):
        constraints = resolve_overrides([override("pin", "a", "b")])
        changes = plan_links({"a"}, [], [], constraints)
        assert changes.saved == [given_link("a", "b", pinned=True)]


class TestTheExplanation:
    def test_it_names_the_seed_that_lists_the_other(self):
        sentence = explain_given_pair(store_article("a"), store_article("b", "a"), None)
        assert sentence == "given by the seed of “Title of b” (b)"

    def test_it_says_that_both_list_each_other(self):
        sentence = explain_given_pair(store_article("a", "b"), store_article("b", "a"), None)
        assert sentence == "given by the seeds of both: each lists the other"

    def test_it_says_that_neither_does(self):
        sentence = explain_given_pair(store_article("a"), store_article("b"), None)
        assert sentence.startswith("not related: neither seed lists the other")

    def test_an_override_comes_first(self):
        blocked = override("block", "a", "b")
        sentence = explain_given_pair(store_article("a", "b"), store_article("b"), blocked)
        assert sentence == "an editor's override separates them, whatever the seeds say"
