"""The contract of decisions."""

from datetime import timedelta

from shared.store import NO_DECISION, DecisionMark, DecisionWrite, Store
from tests.contract.store.builders import LONG_AFTER, a_decision, a_first_write, a_revision, at


async def find_waiting(store: Store) -> set[str]:
    return {article.id for article in await store.articles.find_waiting("decision", LONG_AFTER)}


async def get_touches(store: Store, article_id: str) -> int:
    articles = await store.articles.get([article_id])
    return articles[article_id].touches


class TestSaving:
    async def test_what_is_saved_comes_back_as_it_was(self, store: Store, other: Store):
        latest = a_revision(data="{é}".encode(), at=at(1.001))
        decision = a_decision(revision=1, published=True, shown="d1", latest=latest)
        assert await store.decisions.save([DecisionWrite(decision, 0, latest)]) == [True]
        assert await other.decisions.get(["a1", "unknown"]) == {"a1": decision}
        assert await other.decisions.find_unannounced() == [latest]

    async def test_each_stamp_is_saved_once(self, store: Store, other: Store):
        assert await store.decisions.save([DecisionWrite(a_decision(), 0)]) == [True]
        for losing in (a_decision(heat=1), a_decision(stamp=3, heat=1)):
            assert await other.decisions.save([DecisionWrite(losing, 0)]) == [False]
        second = a_decision(stamp=2, heat=50)
        assert await other.decisions.save([DecisionWrite(second, 0)]) == [True]
        assert (await store.decisions.get(["a1"]))["a1"].heat == 50

    async def test_a_write_that_loses_leaves_no_revision(self, store: Store):
        await store.decisions.save([DecisionWrite(a_decision(), 0, a_revision())])
        await store.decisions.save([DecisionWrite(a_decision(), 0, a_revision(data=b"stale"))])
        assert await store.decisions.find_unannounced() == [a_revision()]

    async def test_a_write_that_loses_stops_no_other(self, store: Store):
        await store.decisions.save([DecisionWrite(a_decision("a1"), 0)])
        writes = [DecisionWrite(a_decision(name), 0) for name in ("b1", "a1", "c1")]
        assert await store.decisions.save(writes) == [True, False, True]

    async def test_nothing_to_save_is_nothing_done(self, store: Store):
        assert await store.decisions.save([]) == []
        assert await store.decisions.get([]) == {}
        assert await store.decisions.find_unannounced([]) == []
        await store.decisions.mark_unchanged({})
        await store.decisions.mark_announced({})


class TestReadingAFew:
    async def test_only_decisions_that_are_not_known_are_read(self, store: Store, other: Store):
        decisions = [a_decision("a1"), a_decision("b1")]
        await store.decisions.save([DecisionWrite(decision, 0) for decision in decisions])
        first = await other.decisions.get_if_other({"a1": NO_DECISION, "unknown": NO_DECISION})
        assert first == {"a1": decisions[0]}
        known = {decision.article_id: decision.mark for decision in decisions}
        assert await other.decisions.get_if_other(known) == {}
        second = a_decision("b1", stamp=2, heat=50)
        await store.decisions.save([DecisionWrite(second, 0)])
        assert await other.decisions.get_if_other(known) == {"b1": second}
        assert await store.decisions.get_if_other({}) == {}

    async def test_a_decision_of_another_time_is_another_one(self, store: Store):
        decision = a_decision("a1")
        await store.decisions.save([DecisionWrite(decision, 0)])
        restored = DecisionMark(decision.stamp, decision.decided_at - timedelta(seconds=1))
        assert await store.decisions.get_if_other({"a1": restored}) == {"a1": decision}

    async def test_articles_are_found_whose_decision_names_another(self, store: Store):
        inputs = {"relatives": [{"id": "b1"}, {"id": "c1"}], "holders": ["b1"]}
        decisions = [a_decision("a1", inputs=inputs), a_decision("b1")]
        await store.decisions.save([DecisionWrite(decision, 0) for decision in decisions])
        pairs = [("a1", "d1"), ("a1", "c1"), ("b1", "c1"), ("unknown", "c1")]
        assert await store.decisions.find_naming(pairs) == {("a1", "c1")}
        assert await store.decisions.find_naming(pairs, published_only=True) == set()
        published = a_decision("a1", stamp=2, inputs=inputs, published=True)
        await store.decisions.save([DecisionWrite(published, 0)])
        assert await store.decisions.find_naming(pairs, published_only=True) == {("a1", "c1")}
        assert await store.decisions.find_naming([("a1", "c"), ("a1", "d1")]) == set()
        assert await store.decisions.find_naming([]) == set()


class TestWaiting:
    async def test_an_article_stops_waiting_if_it_was_not_touched_since(self, store: Store):
        await store.articles.save([a_first_write("a1"), a_first_write("b1")])
        touches = await get_touches(store, "a1")
        await store.decisions.save([DecisionWrite(a_decision("a1"), touches)])
        assert await find_waiting(store) == {"b1"}

    async def test_an_article_that_was_touched_meanwhile_goes_on_waiting(self, store: Store):
        await store.articles.save([a_first_write("a1")])
        touches = await get_touches(store, "a1")
        await store.articles.touch(["a1"])
        await store.decisions.save([DecisionWrite(a_decision("a1"), touches)])
        await store.decisions.mark_unchanged({"a1": touches})
        assert await find_waiting(store) == {"a1"}
        await store.decisions.mark_unchanged({"a1": touches + 1})
        assert await find_waiting(store) == set()


class TestListing:
    async def test_counts(self, store: Store):
        assert await store.decisions.counts() == {"published": 0, "decided": 0, "due": 0}
        published = a_decision("a1", published=True)
        await store.decisions.save(
            [
                DecisionWrite(published, 0, a_revision("a1")),
                DecisionWrite(a_decision("b1"), 0),
            ]
        )
        assert await store.decisions.counts() == {"published": 1, "decided": 2, "due": 1}

    async def test_pages_go_through_all_in_the_order_of_ids(self, store: Store):
        names = [f"a{number}" for number in range(5)]
        await store.decisions.save([DecisionWrite(a_decision(name), 0) for name in names])
        first = await store.decisions.list_page(limit=3)
        assert [decision.article_id for decision in first] == ["a0", "a1", "a2"]
        rest = await store.decisions.list_page("a2", 3)
        assert [decision.article_id for decision in rest] == ["a3", "a4"]
