"""The contract of articles."""

from dataclasses import replace

import pytest

from shared.store import AliasClaim, AnsweredDrop, ArticleWrite, Stage, Store, StoredArticle, pages
from tests.contract.store.builders import A_TRACE, LONG_AFTER, T0, a_first_write, an_article, at

ALL = {"announcement", "images", "related", "decision"}
STAGES: tuple[Stage, ...] = ("images", "related")


async def get_article(store: Store, article_id: str = "a1") -> StoredArticle:
    return (await store.articles.get([article_id]))[article_id]


async def get_pending(store: Store, article_id: str = "a1") -> set[str]:
    return set((await get_article(store, article_id)).pending)


async def finish(store: Store, version: int) -> None:
    """Let the article `a1` wait for nothing."""
    await store.articles.mark_announced({"a1": version})
    for stage in STAGES:
        await store.articles.complete_stage(stage, {"a1": version})
    article = await get_article(store)
    await store.decisions.mark_unchanged({"a1": article.touches})


async def save_with_alias(store: Store, article_id: str, alias: str) -> None:
    await store.articles.claim_aliases([AliasClaim(article_id, (alias,))])
    await store.articles.save([a_first_write(article_id, aliases=(alias,))])


class TestSaving:
    async def test_what_is_saved_comes_back_as_it_was(self, store: Store, other: Store):
        article = an_article(
            seed=b"---\n\x00\xff\r\n",
            aliases=("x", "y"),
            positions={"c.1/0": 7, "c$/1": 2**40},
            answered_drops=(
                AnsweredDrop("c/0", 7, "accepted"),
                AnsweredDrop("c/1", 9, "updated", 1_772_445_600_123, is_time_assumed=True),
            ),
            accepted_at=at(-5.5),
            changed_at=at(0.007),
        )
        assert await store.articles.save([ArticleWrite(article, 0)]) == [True]
        found = await other.articles.get(["a1", "unknown"])
        assert found == {"a1": replace(article, pending=frozenset(ALL), touches=1)}

    async def test_a_first_version_is_inserted_once(self, store: Store, other: Store):
        assert await store.articles.save([a_first_write()]) == [True]
        assert await other.articles.save([a_first_write(seed=b"other")]) == [False]
        assert (await get_article(store)).seed == an_article().seed

    async def test_an_update_needs_the_version_it_was_made_from(self, store: Store):
        await store.articles.save([a_first_write()])
        second = ArticleWrite(an_article(version=2, seed=b"two"), 1)
        stale = ArticleWrite(an_article(version=2, seed=b"stale"), 1)
        assert await store.articles.save([second]) == [True]
        assert await store.articles.save([stale]) == [False]
        assert (await get_article(store)).seed == b"two"

    async def test_an_update_of_what_is_not_there_loses(self, store: Store):
        assert await store.articles.save([ArticleWrite(an_article(version=2), 1)]) == [False]
        assert await store.articles.get(["a1"]) == {}

    async def test_a_write_that_loses_stops_no_other(self, store: Store):
        await store.articles.save([a_first_write("a1")])
        writes = [
            a_first_write("b1"),
            a_first_write("a1"),
            ArticleWrite(an_article("z1", 2), 1),
            ArticleWrite(an_article("a1", 2), 1),
            a_first_write("c1"),
        ]
        assert await store.articles.save(writes) == [True, False, False, True, True]
        stored = await store.articles.get(["a1", "b1", "c1", "z1"])
        assert stored.keys() == {"a1", "b1", "c1"}

    async def test_a_new_version_waits_for_everything_and_is_touched(self, store: Store):
        await store.articles.save([a_first_write()])
        await finish(store, 1)
        await store.articles.save([ArticleWrite(an_article(version=2), 1)])
        found = await get_article(store)
        assert set(found.pending) == ALL
        assert found.touches > 1

    async def test_the_same_version_changes_its_content_and_waits_for_no_more_than_before(
        self, store: Store
    ):
        await store.articles.save([a_first_write()])
        await store.articles.mark_announced({"a1": 1})
        before = await get_article(store)
        changed = an_article(seed=b"fresh", aliases=("x", "z"))
        assert await store.articles.save([ArticleWrite(changed, 1)]) == [True]
        after = await get_article(store)
        assert (after.seed, after.aliases) == (b"fresh", ("x", "z"))
        assert (after.pending, after.touches) == (before.pending, before.touches)

    async def test_of_two_writes_over_one_reading_the_second_loses_though_the_version_is_the_same(
        self, store: Store
    ):
        await store.articles.save([a_first_write()])
        read = await get_article(store)
        first = ArticleWrite(an_article(aliases=("x", "y")), 1, read.writes)
        second = ArticleWrite(an_article(seed=b"fresh"), 1, read.writes)
        assert await store.articles.save([first]) == [True]
        assert await store.articles.save([second]) == [False]
        after = await get_article(store)
        assert after.aliases == ("x", "y")
        third = ArticleWrite(replace(after, seed=b"fresh"), 1, after.writes)
        assert await store.articles.save([third]) == [True]

    async def test_nothing_to_save_is_nothing_done(self, store: Store):
        assert await store.articles.save([]) == []
        assert await store.articles.claim_aliases([]) == []
        assert await store.articles.get([]) == {}
        await store.articles.mark_announced({})
        await store.articles.complete_stage("images", {})
        await store.articles.touch([])
        await store.articles.reopen_stage("images", [])


class TestFinding:
    async def test_by_id_and_by_alias(self, store: Store):
        await save_with_alias(store, "a1", "x.example/one")
        for reference in ("a1", "x.example/one"):
            found = await store.articles.find(reference)
            assert found is not None
            assert found.id == "a1"
        assert await store.articles.find("x.example/two") is None

    async def test_a_claim_without_an_article_is_not_found(self, store: Store):
        await store.articles.claim_aliases([AliasClaim("a1", ("x",))])
        assert await store.articles.find("x") is None

    async def test_pages_go_through_all_in_the_order_of_ids(self, store: Store):
        names = [f"a{number:02}" for number in range(7)]
        await store.articles.save([a_first_write(name) for name in names])
        sizes, found = [], []
        async for page in pages(store.articles.list_page, 3):
            sizes.append(len(page))
            found += [article.id for article in page]
        assert sizes == [3, 3, 1]
        assert found == names


class TestWaiting:
    async def test_what_was_saved_and_never_announced_is_found(self, store: Store, other: Store):
        await store.articles.save([a_first_write("a1"), a_first_write("b1")])
        await store.articles.mark_announced({"a1": 1})
        waiting = await other.articles.find_waiting("announcement", LONG_AFTER)
        assert [article.id for article in waiting] == ["b1"]

    async def test_what_changed_lately_is_left_out(self, store: Store):
        await store.articles.save([a_first_write()])
        assert await store.articles.find_waiting("announcement", T0) == []

    async def test_those_that_wait_are_given_with_their_versions(self, store: Store, other: Store):
        await store.articles.save([a_first_write(name) for name in ("a1", "b1", "c1")])
        await store.articles.save([ArticleWrite(an_article("c1", version=2), 1)])
        await store.articles.complete_stage("related", {"a1": 1})
        get_versions = other.articles.get_pending_versions
        assert await get_versions("related", ["a1", "c1", "unknown"]) == {"c1": 2}
        assert await get_versions("images", ["a1"]) == {"a1": 1}
        assert await get_versions("related", []) == {}

    async def test_the_oldest_come_first_up_to_the_limit(self, store: Store):
        for name in ("c1", "a1", "b1"):
            await store.articles.save([a_first_write(name)])
        waiting = await store.articles.find_waiting("images", LONG_AFTER, limit=2)
        assert [article.id for article in waiting] == ["c1", "a1"]
        everything = await store.articles.find_waiting("images", LONG_AFTER, limit=None)
        assert [article.id for article in everything] == ["c1", "a1", "b1"]

    async def test_articles_that_wait_for_something_else_too_hide_no_others(self, store: Store):
        for name in ("a1", "b1", "c1"):
            await store.articles.save([a_first_write(name)])
        for stage in STAGES:
            await store.articles.complete_stage(stage, {"c1": 1})
        await store.articles.complete_stage("images", {"b1": 1})
        waiting = await store.articles.find_waiting(
            "decision", LONG_AFTER, limit=1, unless=("images", "related")
        )
        assert [article.id for article in waiting] == ["c1"]

    async def test_an_older_announcement_leaves_a_newer_version_waiting(self, store: Store):
        await store.articles.save([a_first_write()])
        await store.articles.save([ArticleWrite(an_article(version=2), 1)])
        await store.articles.mark_announced({"a1": 1})
        assert "announcement" in await get_pending(store)
        await store.articles.mark_announced({"a1": 2, "unknown": 1})
        await store.articles.mark_announced({"a1": 2})
        assert "announcement" not in await get_pending(store)

    @pytest.mark.parametrize("stage", STAGES)
    async def test_a_stage_that_saw_another_version_is_not_done(self, store: Store, stage: Stage):
        await store.articles.save([a_first_write()])
        await store.articles.save([ArticleWrite(an_article(version=2), 1)])
        await store.articles.complete_stage(stage, {"a1": 1})
        assert stage in await get_pending(store)
        await store.articles.complete_stage(stage, {"a1": 2})
        assert stage not in await get_pending(store)

    async def test_articles_that_a_stage_touched_wait_for_a_decision(self, store: Store):
        before = await self._save_three_decided(store)
        await store.articles.complete_stage("related", {"a1": 1}, ["a1", "b1", "unknown"])
        await self._assert_touched(store, before)
        assert "related" not in await get_pending(store)

    async def test_articles_that_are_touched_wait_for_a_decision(self, store: Store):
        before = await self._save_three_decided(store)
        await store.articles.touch(["a1", "b1", "unknown"])
        await self._assert_touched(store, before)
        assert {*STAGES} <= await get_pending(store)

    async def _save_three_decided(self, store: Store) -> dict[str, StoredArticle]:
        names = ["a1", "b1", "c1"]
        await store.articles.save([a_first_write(name) for name in names])
        stored = await store.articles.get(names)
        touches = {article.id: article.touches for article in stored.values()}
        await store.decisions.mark_unchanged(touches)
        return stored

    async def _assert_touched(self, store: Store, before: dict[str, StoredArticle]) -> None:
        after = await store.articles.get(["a1", "b1", "c1", "unknown"])
        waiting = {name for name, article in after.items() if "decision" in article.pending}
        assert waiting == {"a1", "b1"}
        assert after["b1"].touches == before["b1"].touches + 1
        assert after["c1"].touches == before["c1"].touches
        assert "unknown" not in after

    @pytest.mark.parametrize("stage", STAGES)
    async def test_a_stage_can_be_reopened(self, store: Store, stage: Stage):
        await store.articles.save([a_first_write()])
        await store.articles.complete_stage(stage, {"a1": 1})
        for _ in range(2):
            await store.articles.reopen_stage(stage, ["a1", "unknown"])
            assert stage in await get_pending(store)
        await store.articles.complete_stage(stage, {"a1": 1}, ["a1"])
        assert stage not in await get_pending(store)
        assert "unknown" not in await store.articles.get(["unknown"])

    async def test_traces_are_those_of_the_current_versions(self, store: Store):
        await store.articles.save([a_first_write("a1"), a_first_write("b1", trace=None)])
        await store.articles.save([a_first_write("c1", changed_at=at(-5))])
        found = await store.articles.get_traces(["a1", "b1", "c1", "unknown"])
        assert [*found.items()] == [("c1", A_TRACE), ("a1", A_TRACE)]
        later = A_TRACE._replace(tracestate="")
        await store.articles.save([ArticleWrite(an_article("a1", 2, trace=later), 1)])
        assert await store.articles.get_traces(["a1"]) == {"a1": later}

    async def test_counts(self, store: Store):
        assert await store.articles.counts() == {"articles": 0, **dict.fromkeys(ALL, 0)}
        await store.articles.save([a_first_write("a1"), a_first_write("b1")])
        await store.articles.mark_announced({"a1": 1})
        assert await store.articles.counts() == {
            "articles": 2,
            **dict.fromkeys(ALL, 2),
            "announcement": 1,
        }
