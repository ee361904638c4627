"""The contract of stories: every article is in one, and snapshots are saved in turn."""

from dataclasses import replace

from shared.store import Store, Story, StoryEvent, StoryMove
from tests.contract.store.builders import A_TRACE, at

STORY = Story("s1", 1, ("a1", "b1"), at(5))
LED = replace(STORY, id="s3", lead="a1", title="Bridge", heat=-1, note="pin by ann, “see notes”")


def a_story_with_event(version: int, story_id: str = "s1") -> Story:
    event = StoryEvent(
        story_id, version, "joined", at(version), b'{"version": %d}' % version, A_TRACE
    )
    return replace(STORY, id=story_id, version=version, lead="a1", latest=event)


class TestMembership:
    async def test_an_article_is_in_the_story_it_was_moved_to(self, store: Store, other: Store):
        moves = [StoryMove("a1", "", "s1"), StoryMove("b1", "", "s1"), StoryMove("c1", "", "s2")]
        assert await store.stories.move(moves) == [True] * 3
        story_ids = await other.stories.get_story_ids(["a1", "c1", "unknown"])
        assert story_ids == {"a1": "s1", "c1": "s2"}
        assert await other.stories.get_members(["s1", "s2", "none"]) == {
            "s1": frozenset({"a1", "b1"}),
            "s2": frozenset({"c1"}),
            "none": frozenset(),
        }

    async def test_a_move_loses_when_the_article_is_elsewhere(self, store: Store):
        await store.stories.move([StoryMove("a1", "", "s1"), StoryMove("b1", "", "s1")])
        moves = [
            StoryMove("a1", "", "s2"),
            StoryMove("b1", "s1", "s2"),
            StoryMove("c1", "s1", "s2"),
        ]
        assert await store.stories.move(moves) == [False, True, False]
        story_ids = await store.stories.get_story_ids(["a1", "b1", "c1"])
        assert story_ids == {"a1": "s1", "b1": "s2"}

    async def test_a_move_that_was_made_counts_as_made(self, store: Store):
        for _ in range(2):
            assert await store.stories.move([StoryMove("a1", "", "s1")]) == [True]
        for _ in range(2):
            assert await store.stories.move([StoryMove("a1", "s1", "s2")]) == [True]

    async def test_no_moves_are_no_work(self, store: Store):
        assert await store.stories.move([]) == []
        assert await store.stories.get_story_ids([]) == {}
        assert await store.stories.get_members([]) == {}


class TestSnapshots:
    async def test_a_story_comes_back_as_it_was(self, store: Store, other: Store):
        superseded = replace(STORY, id="s2", members=(), superseded_by="s1")
        assert await store.stories.save([STORY, superseded, LED]) == [True, True, True]
        found = await other.stories.get(["s1", "s2", "s3", "s4"])
        assert found == {"s1": STORY, "s2": superseded, "s3": LED}
        assert await other.stories.counts() == {"stories": 2, "superseded": 1, "due": 0}

    async def test_each_version_is_saved_once(self, store: Store, other: Store):
        assert await store.stories.save([STORY]) == [True]
        assert await other.stories.save([replace(STORY, members=("z",))]) == [False]
        second = replace(STORY, version=2, members=("a1",))
        unknown = replace(STORY, id="s9", version=3)
        assert await store.stories.save([second, unknown]) == [True, False]
        assert await store.stories.save([second]) == [False]
        assert await store.stories.get(["s1", "s9"]) == {"s1": second}
        assert await other.stories.get_versions(["s1", "s9"]) == {"s1": 2}
        assert await other.stories.get_versions([]) == {}

    async def test_pages_go_by_id(self, store: Store):
        stories = [replace(STORY, id=f"s{number}") for number in range(5)]
        await store.stories.save(stories)
        assert await store.stories.list_page(limit=2) == stories[:2]
        assert await store.stories.list_page("s1", limit=9) == stories[2:]
        assert await store.stories.save([]) == []

    async def test_stories_are_found_by_their_members(self, store: Store):
        await store.stories.save([STORY, replace(STORY, id="s2", members=("b1", "c1"))])
        assert set(await store.stories.find_by_members(["b1"])) == {"s1", "s2"}
        await store.stories.save([replace(STORY, version=2, members=("a1",))])
        found = await store.stories.find_by_members(["b1", "a1", "z1"])
        assert found == await store.stories.get(["s1", "s2"])
        assert await store.stories.find_by_members([]) == {}


class TestEvents:
    async def test_an_event_is_kept_with_its_story(self, store: Store, other: Store):
        await store.stories.save([a_story_with_event(1)])
        await store.stories.save([a_story_with_event(2)])
        assert await other.stories.get(["s1"]) == {"s1": a_story_with_event(2)}

    async def test_events_in_the_outbox_are_counted(self, store: Store):
        await store.stories.save([a_story_with_event(1), a_story_with_event(1, "s2")])
        await store.stories.save([a_story_with_event(2)])
        await store.stories.mark_announced({"s1": 1})
        assert (await store.stories.counts())["due"] == 2

    async def test_a_write_that_loses_leaves_no_event(self, store: Store, other: Store):
        story = a_story_with_event(1)
        await store.stories.save([story])
        assert await other.stories.save([replace(story, members=("z",))]) == [False]
        assert await store.stories.find_unannounced() == [story.latest]

    async def test_an_older_event_that_is_kept_is_not_announced_again(self, store: Store):
        story = a_story_with_event(1)
        await store.stories.save([story])
        await store.stories.mark_announced({"s1": 1})
        await store.stories.save([replace(story, version=2)])
        assert await store.stories.find_unannounced() == []
