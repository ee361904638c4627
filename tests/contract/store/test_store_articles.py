"""The contract of articles."""

from dataclasses import replace

import pytest

from shared.store import Claim, Save, Store, Taken
from tests.contract.store.build import LONG_AFTER, T0, an_article, at, new

ALL = {"announcement", "images", "related", "decision"}


async def pending(store: Store, article_id: str = "a1") -> set[str]:
    return set((await store.articles.get([article_id]))[article_id].pending)


class TestClaims:
    async def test_a_new_claim_gets_the_id_it_would_have(self, store: Store):
        assert await store.articles.claim([Claim("a1", ("x", "y"))]) == ["a1"]
        assert await store.articles.resolve(["x", "y", "z"]) == {"x": "a1", "y": "a1"}

    async def test_a_repeat_gets_the_same(self, store: Store, other: Store):
        for one in (store, other, store):
            assert await one.articles.claim([Claim("a1", ("x", "y"))]) == ["a1"]

    async def test_claims_over_a_shared_alias_agree_before_anything_is_saved(self, store: Store):
        first = await store.articles.claim([Claim("a1", ("x", "y"))])
        second = await store.articles.claim([Claim("b1", ("y", "z"))])
        assert first == second
        assert set((await store.articles.resolve(["x", "y", "z"])).values()) == set(first)

    async def test_claims_of_one_call_over_a_shared_alias_agree(self, store: Store):
        claims = [
            Claim("c1", ("x",)),
            Claim("b1", ("y",)),
            Claim("a1", ("x", "y")),
            Claim("d1", ("z",)),
        ]
        one, two, three, four = await store.articles.claim(claims)
        assert three in (one, two)
        assert four == "d1"
        assert set((await store.articles.resolve(["x", "y"])).values()) == {three}

    async def test_a_stored_article_takes_new_aliases(self, store: Store):
        await store.articles.claim([Claim("b1", ("x",))])
        await store.articles.save([new("b1", aliases=("x",))])
        assert await store.articles.claim([Claim("a1", ("w", "x"))]) == ["b1"]
        assert await store.articles.resolve(["w", "x"]) == {"w": "b1", "x": "b1"}

    async def test_of_two_stored_articles_the_owner_of_the_first_alias_wins_and_the_other_keeps_its_own(
        self, store: Store
    ):
        for name, alias in (("a1", "x"), ("b1", "y")):
            await store.articles.claim([Claim(name, (alias,))])
            await store.articles.save([new(name, aliases=(alias,))])
        assert await store.articles.claim([Claim("c1", ("y", "x", "new"))]) == ["b1"]
        assert await store.articles.resolve(["x", "y", "new"]) == {
            "x": "a1",
            "y": "b1",
            "new": "b1",
        }

    async def test_a_stored_article_keeps_its_alias_though_a_smaller_id_claims_it(
        self, store: Store
    ):
        await store.articles.claim([Claim("z1", ("x",))])
        await store.articles.save([new("z1", aliases=("x",))])
        assert await store.articles.claim([Claim("a1", ("x",))]) == ["z1"]

    async def test_an_alias_may_be_any_text(self, store: Store):
        odd = ("$where.example/a.b", "é.example/ä?q=$1", "." * 900)
        assert await store.articles.claim([Claim("a1", odd)]) == ["a1"]
        assert await store.articles.resolve(odd) == dict.fromkeys(odd, "a1")

    async def test_the_ledger_comes_in_pages_by_alias(self, store: Store, other: Store):
        await store.articles.claim([Claim("b1", ("z", "x")), Claim("a1", ("y", "$w.é"))])
        assert await other.articles.ledger(limit=3) == [("$w.é", "a1"), ("x", "b1"), ("y", "a1")]
        assert await other.articles.ledger("y") == [("z", "b1")]
        assert await other.articles.ledger("z") == []


class TestSaving:
    async def test_what_is_saved_comes_back_as_it_was(self, store: Store, other: Store):
        article = an_article(
            seed=b"---\n\x00\xff\r\n",
            aliases=("x", "y"),
            positions={"c.1/0": 7, "c$/1": 2**40},
            taken=(Taken("c/0", 7, "accepted"), Taken("c/1", 9, "updated")),
            accepted_at=at(-5.5),
            changed_at=at(0.007),
        )
        assert await store.articles.save([Save(article, 0)]) == [True]
        found = await other.articles.get(["a1", "unknown"])
        assert found == {"a1": replace(article, pending=frozenset(ALL), touches=1)}

    async def test_a_first_version_is_inserted_once(self, store: Store, other: Store):
        assert await store.articles.save([new()]) == [True]
        assert await other.articles.save([new(seed=b"other")]) == [False]
        assert (await store.articles.get(["a1"]))["a1"].seed == an_article().seed

    async def test_an_update_needs_the_version_it_was_made_from(self, store: Store):
        await store.articles.save([new()])
        assert await store.articles.save([Save(an_article(version=2, seed=b"two"), 1)]) == [True]
        assert await store.articles.save([Save(an_article(version=2, seed=b"stale"), 1)]) == [False]
        assert (await store.articles.get(["a1"]))["a1"].seed == b"two"

    async def test_an_update_of_what_is_not_there_loses(self, store: Store):
        assert await store.articles.save([Save(an_article(version=2), 1)]) == [False]
        assert await store.articles.get(["a1"]) == {}

    async def test_one_that_loses_stops_no_other(self, store: Store):
        await store.articles.save([new("a1")])
        saves = [
            new("b1"),
            new("a1"),
            Save(an_article("z1", 2), 1),
            Save(an_article("a1", 2), 1),
            new("c1"),
        ]
        assert await store.articles.save(saves) == [True, False, False, True, True]
        assert (await store.articles.get(["a1", "b1", "c1", "z1"])).keys() == {"a1", "b1", "c1"}

    async def test_a_new_version_waits_for_everything_and_is_touched(self, store: Store):
        await store.articles.save([new()])
        await finish(store, 1)
        await store.articles.save([Save(an_article(version=2), 1)])
        found = (await store.articles.get(["a1"]))["a1"]
        assert set(found.pending) == ALL
        assert found.touches > 1

    async def test_the_same_version_changes_its_content_and_waits_for_no_more_than_before(
        self, store: Store
    ):
        await store.articles.save([new()])
        await store.articles.announced({"a1": 1})
        before = (await store.articles.get(["a1"]))["a1"]
        assert await store.articles.save(
            [Save(an_article(seed=b"fresh", aliases=("x", "z")), 1)]
        ) == [True]
        after = (await store.articles.get(["a1"]))["a1"]
        assert (after.seed, after.aliases) == (b"fresh", ("x", "z"))
        assert (after.pending, after.touches) == (before.pending, before.touches)

    async def test_of_two_writes_over_one_reading_the_second_loses_though_the_version_is_the_same(
        self, store: Store
    ):
        await store.articles.save([new()])
        read = (await store.articles.get(["a1"]))["a1"]
        learned = Save(an_article(aliases=("x", "y")), 1, read.writes)
        assert await store.articles.save([learned]) == [True]
        assert await store.articles.save([Save(an_article(seed=b"fresh"), 1, read.writes)]) == [
            False
        ]
        after = (await store.articles.get(["a1"]))["a1"]
        assert after.aliases == ("x", "y")
        assert await store.articles.save(
            [Save(replace(after, seed=b"fresh"), 1, after.writes)]
        ) == [True]

    async def test_nothing_to_save_is_nothing_done(self, store: Store):
        assert await store.articles.save([]) == []
        assert await store.articles.claim([]) == []
        assert await store.articles.get([]) == {}
        await store.articles.announced({})
        await store.articles.enriched("images", {}, [])


async def finish(store: Store, version: int) -> None:
    await store.articles.announced({"a1": version})
    for stage in ("images", "related"):
        await store.articles.enriched(stage, {"a1": version}, [])
    await store.decisions.settled({"a1": (await store.articles.get(["a1"]))["a1"].touches})


class TestFinding:
    async def test_by_id_and_by_alias(self, store: Store):
        await store.articles.claim([Claim("a1", ("x.example/one",))])
        await store.articles.save([new("a1", aliases=("x.example/one",))])
        assert (await store.articles.find("a1")).id == "a1"
        assert (await store.articles.find("x.example/one")).id == "a1"
        assert await store.articles.find("x.example/two") is None

    async def test_a_claim_without_an_article_is_not_found(self, store: Store):
        await store.articles.claim([Claim("a1", ("x",))])
        assert await store.articles.find("x") is None

    async def test_pages_go_through_all_in_the_order_of_ids(self, store: Store):
        await store.articles.save([new(f"a{number:02}") for number in range(7)])
        seen, after = [], ""
        while page := await store.articles.page(after, 3):
            seen += [article.id for article in page]
            after = page[-1].id
        assert seen == [f"a{number:02}" for number in range(7)]


class TestWaiting:
    async def test_what_was_saved_and_never_announced_is_found(self, store: Store, other: Store):
        await store.articles.save([new("a1"), new("b1")])
        await store.articles.announced({"a1": 1})
        assert [a.id for a in await other.articles.waiting("announcement", LONG_AFTER)] == ["b1"]

    async def test_what_changed_lately_is_left_out(self, store: Store):
        await store.articles.save([new()])
        assert await store.articles.waiting("announcement", T0) == []

    async def test_those_that_wait_are_told_with_their_versions(self, store: Store, other: Store):
        await store.articles.save([new("a1"), new("b1"), new("c1")])
        await store.articles.save([Save(an_article("c1", version=2), 1)])
        await store.articles.enriched("related", {"a1": 1}, [])
        assert await other.articles.pending("related", ["a1", "c1", "unknown"]) == {"c1": 2}
        assert await other.articles.pending("images", ["a1"]) == {"a1": 1}
        assert await other.articles.pending("related", []) == {}

    async def test_the_oldest_come_first_up_to_the_limit(self, store: Store):
        for name in ("c1", "a1", "b1"):
            await store.articles.save([new(name)])
        waiting = await store.articles.waiting("images", LONG_AFTER, limit=2)
        assert [article.id for article in waiting] == ["c1", "a1"]

    async def test_those_that_wait_for_something_else_too_hide_nobody(self, store: Store):
        for name in ("a1", "b1", "c1"):
            await store.articles.save([new(name)])
        for stage in ("images", "related"):
            await store.articles.enriched(stage, {"c1": 1}, [])
        await store.articles.enriched("images", {"b1": 1}, [])
        waiting = await store.articles.waiting(
            "decision", LONG_AFTER, limit=1, unless=("images", "related")
        )
        assert [article.id for article in waiting] == ["c1"]

    async def test_an_older_announcement_leaves_a_newer_version_waiting(self, store: Store):
        await store.articles.save([new()])
        await store.articles.save([Save(an_article(version=2), 1)])
        await store.articles.announced({"a1": 1})
        assert "announcement" in await pending(store)
        await store.articles.announced({"a1": 2, "unknown": 1})
        await store.articles.announced({"a1": 2})
        assert "announcement" not in await pending(store)

    @pytest.mark.parametrize("stage", ["images", "related"])
    async def test_a_stage_that_saw_another_version_is_not_done(self, store: Store, stage):
        await store.articles.save([new()])
        await store.articles.save([Save(an_article(version=2), 1)])
        await store.articles.enriched(stage, {"a1": 1}, [])
        assert stage in await pending(store)
        await store.articles.enriched(stage, {"a1": 2}, [])
        assert stage not in await pending(store)

    async def test_all_that_a_stage_touched_wait_for_a_decision(self, store: Store):
        await store.articles.save([new("a1"), new("b1"), new("c1")])
        known = await store.articles.get(["a1", "b1", "c1"])
        await store.decisions.settled({article.id: article.touches for article in known.values()})
        await store.articles.enriched("related", {"a1": 1}, ["a1", "b1", "unknown"])
        after = await store.articles.get(["a1", "b1", "c1", "unknown"])
        assert {name for name, article in after.items() if "decision" in article.pending} == {
            "a1",
            "b1",
        }
        assert after["b1"].touches == known["b1"].touches + 1
        assert after["c1"].touches == known["c1"].touches
        assert "unknown" not in after

    @pytest.mark.parametrize("stage", ["images", "related"])
    async def test_a_stage_can_be_waited_for_again(self, store: Store, stage):
        await store.articles.save([new()])
        await store.articles.enriched(stage, {"a1": 1}, [])
        for _ in range(2):
            await store.articles.reopen(stage, ["a1", "unknown"])
            assert stage in await pending(store)
        await store.articles.enriched(stage, {"a1": 1}, ["a1"])
        assert stage not in await pending(store)
        assert "unknown" not in await store.articles.get(["unknown"])
        await store.articles.reopen(stage, [])

    async def test_counts(self, store: Store):
        assert await store.articles.counts() == {"articles": 0, **dict.fromkeys(ALL, 0)}
        await store.articles.save([new("a1"), new("b1")])
        await store.articles.announced({"a1": 1})
        assert await store.articles.counts() == {
            "articles": 2,
            **dict.fromkeys(ALL, 2),
            "announcement": 1,
        }
