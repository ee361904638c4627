"""The contract of stories: every article stands in one, and a story's face is written by compare-and-set."""

from dataclasses import replace

from shared.store import Move, Notice, Store, Story
from tests.contract.store.build import at

STORY = Story("s1", 1, ("a1", "b1"), at(5))


class TestMembership:
    async def test_an_article_stands_where_it_was_moved(self, store: Store, other: Store):
        assert (
            await store.stories.move(
                [Move("a1", "", "s1"), Move("b1", "", "s1"), Move("c1", "", "s2")]
            )
            == [True] * 3
        )
        assert await other.stories.of(["a1", "c1", "unknown"]) == {"a1": "s1", "c1": "s2"}
        assert await other.stories.members(["s1", "s2", "none"]) == {
            "s1": frozenset({"a1", "b1"}),
            "s2": frozenset({"c1"}),
            "none": frozenset(),
        }

    async def test_a_move_loses_when_the_article_stands_elsewhere(self, store: Store):
        await store.stories.move([Move("a1", "", "s1"), Move("b1", "", "s1")])
        moves = [Move("a1", "", "s2"), Move("b1", "s1", "s2"), Move("c1", "s1", "s2")]
        assert await store.stories.move(moves) == [False, True, False]
        assert await store.stories.of(["a1", "b1", "c1"]) == {"a1": "s1", "b1": "s2"}

    async def test_a_move_that_was_made_counts_as_made(self, store: Store):
        for _ in range(2):
            assert await store.stories.move([Move("a1", "", "s1")]) == [True]
        for _ in range(2):
            assert await store.stories.move([Move("a1", "s1", "s2")]) == [True]

    async def test_no_moves_are_no_work(self, store: Store):
        assert await store.stories.move([]) == []
        assert await store.stories.of([]) == {}
        assert await store.stories.members([]) == {}


class TestFaces:
    async def test_one_comes_back_as_it_was(self, store: Store, other: Store):
        gone = replace(STORY, id="s2", members=(), superseded_by="s1")
        assert await store.stories.save([STORY, gone]) == [True, True]
        assert await other.stories.get(["s1", "s2", "s3"]) == {"s1": STORY, "s2": gone}
        assert await other.stories.counts() == {"stories": 1, "superseded": 1, "due": 0}

    async def test_it_is_written_once_for_each_version(self, store: Store, other: Store):
        assert await store.stories.save([STORY]) == [True]
        assert await other.stories.save([replace(STORY, members=("z",))]) == [False]
        second = replace(STORY, version=2, members=("a1",))
        assert await store.stories.save([second, replace(STORY, id="s9", version=3)]) == [
            True,
            False,
        ]
        assert await store.stories.save([second]) == [False]
        assert await store.stories.get(["s1", "s9"]) == {"s1": second}

    async def test_pages_go_by_id(self, store: Store):
        stories = [replace(STORY, id=f"s{number}") for number in range(5)]
        await store.stories.save(stories)
        assert await store.stories.page(limit=2) == stories[:2]
        assert await store.stories.page("s1", limit=9) == stories[2:]
        assert await store.stories.save([]) == []

    async def test_they_are_found_by_those_they_name(self, store: Store):
        await store.stories.save([STORY, replace(STORY, id="s2", members=("b1", "c1"))])
        assert set(await store.stories.naming(["b1"])) == {"s1", "s2"}
        await store.stories.save([replace(STORY, version=2, members=("a1",))])
        assert await store.stories.naming(["b1", "a1", "z1"]) == await store.stories.get(
            ["s1", "s2"]
        )
        assert await store.stories.naming([]) == {}


def told(version: int, story_id: str = "s1") -> Story:
    notice = Notice(story_id, version, "joined", at(version), b'{"version": %d}' % version)
    return replace(STORY, id=story_id, version=version, lead="a1", latest=notice)


class TestNotices:
    async def test_what_is_told_is_due_until_it_is_announced(self, store: Store, other: Store):
        await store.stories.save([told(1), told(1, "s2")])
        await store.stories.save([told(2)])
        due = await other.stories.due(["s1"])
        assert due == [told(1).latest, told(2).latest]
        assert (await other.stories.get(["s1"]))["s1"] == told(2)
        await store.stories.announced({"s1": 1})
        assert await other.stories.due() == [told(2).latest, told(1, "s2").latest]
        assert (await store.stories.counts())["due"] == 2
        await store.stories.announced({"s1": 2, "s2": 1})
        assert await store.stories.due() == []

    async def test_a_write_that_loses_tells_nothing(self, store: Store, other: Store):
        await store.stories.save([told(1)])
        assert await other.stories.save([replace(told(1), members=("z",))]) == [False]
        assert await store.stories.due() == [told(1).latest]

    async def test_an_older_notice_that_is_carried_along_is_not_due_again(self, store: Store):
        await store.stories.save([told(1)])
        await store.stories.announced({"s1": 1})
        await store.stories.save([replace(told(1), version=2)])
        assert await store.stories.due() == []

    async def test_as_many_are_given_as_were_asked_for(self, store: Store):
        await store.stories.save([told(1)])
        await store.stories.save([told(2)])
        assert await store.stories.due(limit=1) == [told(1).latest]
        assert await store.stories.due([]) == []
        await store.stories.announced({})
