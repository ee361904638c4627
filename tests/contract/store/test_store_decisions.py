"""The contract of decisions."""

from shared.store import Store, Verdict
from tests.contract.store.build import LONG_AFTER, a_decision, a_publication, at, new


async def waiting(store: Store) -> set[str]:
    return {article.id for article in await store.articles.waiting("decision", LONG_AFTER)}


class TestSaving:
    async def test_what_is_saved_comes_back_as_it_was(self, store: Store, other: Store):
        latest = a_publication(data="{é}".encode(), at=at(1.001))
        decision = a_decision(revision=1, published=True, shown="d1", latest=latest)
        assert await store.decisions.save([Verdict(decision, 0, latest)]) == [True]
        assert await other.decisions.get(["a1", "unknown"]) == {"a1": decision}
        assert await other.decisions.due() == [latest]

    async def test_a_stamp_is_taken_once(self, store: Store, other: Store):
        assert await store.decisions.save([Verdict(a_decision(), 0)]) == [True]
        assert await other.decisions.save([Verdict(a_decision(heat=1), 0)]) == [False]
        assert await other.decisions.save([Verdict(a_decision(stamp=3, heat=1), 0)]) == [False]
        assert await other.decisions.save([Verdict(a_decision(stamp=2, heat=50), 0)]) == [True]
        assert (await store.decisions.get(["a1"]))["a1"].heat == 50

    async def test_who_loses_leaves_no_publication(self, store: Store):
        await store.decisions.save([Verdict(a_decision(), 0, a_publication())])
        await store.decisions.save([Verdict(a_decision(), 0, a_publication(data=b"stale"))])
        assert await store.decisions.due() == [a_publication()]

    async def test_one_that_loses_stops_no_other(self, store: Store):
        await store.decisions.save([Verdict(a_decision("a1"), 0)])
        verdicts = [
            Verdict(a_decision("b1"), 0),
            Verdict(a_decision("a1"), 0),
            Verdict(a_decision("c1"), 0),
        ]
        assert await store.decisions.save(verdicts) == [True, False, True]

    async def test_nothing_to_save_is_nothing_done(self, store: Store):
        assert await store.decisions.save([]) == []
        assert await store.decisions.get([]) == {}
        assert await store.decisions.due([]) == []
        await store.decisions.settled({})
        await store.decisions.announced({})


class TestWaiting:
    async def test_an_article_stops_waiting_if_it_was_not_touched_since(self, store: Store):
        await store.articles.save([new("a1"), new("b1")])
        touches = (await store.articles.get(["a1"]))["a1"].touches
        await store.decisions.save([Verdict(a_decision("a1"), touches)])
        assert await waiting(store) == {"b1"}

    async def test_an_article_that_was_touched_meanwhile_waits_on(self, store: Store):
        await store.articles.save([new("a1")])
        touches = (await store.articles.get(["a1"]))["a1"].touches
        await store.articles.enriched("related", {}, ["a1"])
        await store.decisions.save([Verdict(a_decision("a1"), touches)])
        await store.decisions.settled({"a1": touches})
        assert await waiting(store) == {"a1"}
        await store.decisions.settled({"a1": touches + 1})
        assert await waiting(store) == set()


class TestDue:
    async def test_publications_come_by_article_then_by_revision(self, store: Store):
        for name in ("b1", "a1"):
            for stamp in (1, 2):
                verdict = Verdict(a_decision(name, stamp), 0, a_publication(name, stamp))
                assert await store.decisions.save([verdict]) == [True]
        due = await store.decisions.due()
        assert [(item.article_id, item.revision) for item in due] == [
            ("a1", 1),
            ("a1", 2),
            ("b1", 1),
            ("b1", 2),
        ]
        assert [item.revision for item in await store.decisions.due(["b1", "unknown"])] == [1, 2]
        assert len(await store.decisions.due(limit=3)) == 3

    async def test_what_was_acknowledged_is_due_no_more(self, store: Store):
        for stamp in (1, 2, 3):
            await store.decisions.save(
                [Verdict(a_decision(stamp=stamp), 0, a_publication(revision=stamp))]
            )
        for _ in range(2):
            await store.decisions.announced({"a1": 2, "unknown": 1})
            assert [item.revision for item in await store.decisions.due()] == [3]

    async def test_counts(self, store: Store):
        assert await store.decisions.counts() == {"published": 0, "decided": 0, "due": 0}
        await store.decisions.save(
            [
                Verdict(a_decision("a1", published=True), 0, a_publication("a1")),
                Verdict(a_decision("b1"), 0),
            ]
        )
        assert await store.decisions.counts() == {"published": 1, "decided": 2, "due": 1}

    async def test_pages_go_through_all_in_the_order_of_ids(self, store: Store):
        await store.decisions.save([Verdict(a_decision(f"a{number}"), 0) for number in range(5)])
        first = await store.decisions.page(limit=3)
        assert [d.article_id for d in first] == ["a0", "a1", "a2"]
        assert [d.article_id for d in await store.decisions.page("a2", 3)] == ["a3", "a4"]
