"""The contract of the outboxes, which is the same for articles, decisions and stories."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.clock import now
from shared.errors import StoreUnavailable
from shared.store import ArticleWrite, DecisionWrite, Store, Story, StoryEvent
from shared.store.ports.operations.outbox import MAX_UNANNOUNCED
from tests.contract.store.builders import A_TRACE, LONG_AFTER, a_decision, a_revision, an_article

HOUR = timedelta(hours=1)
Identity = tuple[str, int]


@dataclass(frozen=True)
class Subject:
    """A part of the store with an outbox: how it saves a state, and the id and number of one."""

    part: str
    save: Callable[[Store, str, int, datetime], Awaitable[object]]
    identify: Callable[[Any], Identity]
    keeps_all: bool = True  # otherwise the outbox holds the newest state of each id alone

    async def find(self, store: Store, *arguments: Any, **options: Any) -> list[Identity]:
        states = await getattr(store, self.part).find_unannounced(*arguments, **options)
        return [self.identify(state) for state in states]

    async def mark_announced(self, store: Store, numbers: dict[str, int]) -> None:
        await getattr(store, self.part).mark_announced(numbers)


async def save_article(store: Store, name: str, version: int, _: datetime) -> object:
    """The store itself notes when: in MongoDB, in whole milliseconds."""
    await asyncio.sleep(0.002)
    return await store.articles.save([ArticleWrite(an_article(name, version), version - 1)])


async def save_decision(store: Store, name: str, number: int, at: datetime) -> object:
    write = DecisionWrite(a_decision(name, number), 0, a_revision(name, number, at=at))
    return await store.decisions.save([write])


async def save_story(store: Store, name: str, version: int, at: datetime) -> object:
    event = StoryEvent(name, version, "joined", at, b"{}", A_TRACE)
    return await store.stories.save([Story(name, version, ("a1", "b1"), at, latest=event)])


SUBJECTS = [
    Subject("articles", save_article, lambda found: (found.id, found.version), keeps_all=False),
    Subject("decisions", save_decision, lambda found: (found.article_id, found.number)),
    Subject("stories", save_story, lambda found: (found.story_id, found.version)),
]


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.part)
def subject(request: pytest.FixtureRequest) -> Subject:
    chosen: Subject = request.param
    return chosen


async def save_all(store: Store, subject: Subject, *states: Identity) -> None:
    for name, number in states:
        assert await subject.save(store, name, number, now()) == [True]


async def test_a_saved_state_is_unannounced_until_it_is_marked(
    store: Store, other: Store, subject: Subject
):
    await save_all(store, subject, ("a1", 1), ("b1", 1))
    assert await subject.find(other) == [("a1", 1), ("b1", 1)]
    for _ in range(2):
        await subject.mark_announced(other, {"a1": 1, "unknown": 1})
        assert await subject.find(store) == [("b1", 1)]


async def test_the_ids_that_wait_longest_come_first_with_their_states_by_number(
    store: Store, subject: Subject
):
    saved = [("b1", 1), ("c1", 1), ("a1", 1), ("a1", 2), ("c1", 2), ("b1", 2)]
    for age, (name, number) in zip(range(6, 0, -1), saved, strict=True):
        assert await subject.save(store, name, number, now() - age * HOUR) == [True]
    by_age = [("b1", 1), ("b1", 2), ("c1", 1), ("c1", 2), ("a1", 1), ("a1", 2)]
    expected = by_age if subject.keeps_all else [("a1", 2), ("c1", 2), ("b1", 2)]
    assert await subject.find(store) == expected
    assert await subject.find(store, ["a1", "b1", "c1"]) == expected
    assert await subject.find(store, saved_before=LONG_AFTER, limit=3) == expected[:3]


async def test_an_old_state_does_not_wait_behind_new_ones(store: Store, subject: Subject):
    await subject.save(store, "z1", 1, now() - HOUR)
    await save_all(store, subject, *((f"a{number:02}", 1) for number in range(20)))
    assert await subject.find(store, limit=1) == [("z1", 1)]
    assert await subject.find(store, saved_before=LONG_AFTER, limit=1) == [("z1", 1)]


async def test_marking_an_older_state_leaves_a_newer_one(store: Store, subject: Subject):
    await save_all(store, subject, ("a1", 1), ("a1", 2))
    await subject.mark_announced(store, {"a1": 1})
    assert await subject.find(store) == [("a1", 2)]
    await subject.mark_announced(store, {"a1": 2})
    assert await subject.find(store) == []


async def test_marking_the_newest_state_marks_older_ones_too(store: Store, subject: Subject):
    await save_all(store, subject, ("a1", 1), ("a1", 2))
    await subject.mark_announced(store, {"a1": 2})
    assert await subject.find(store) == []


async def test_states_of_chosen_ids_are_found(store: Store, subject: Subject):
    await save_all(store, subject, ("a1", 1), ("b1", 1))
    assert await subject.find(store, ["b1", "unknown"]) == [("b1", 1)]
    assert await subject.find(store, []) == []


async def test_no_more_are_found_than_the_limit_allows(store: Store, subject: Subject):
    await save_all(store, subject, *((f"a{number}", 1) for number in range(5)))
    assert len(await subject.find(store, limit=3)) == 3
    assert len(await subject.find(store, limit=None)) == 5


async def test_states_saved_lately_can_be_left_out(store: Store, subject: Subject):
    await save_all(store, subject, ("a1", 1))
    assert await subject.find(store, saved_before=LONG_AFTER) == [("a1", 1)]
    assert await subject.find(store, saved_before=now() - HOUR) == []


@pytest.mark.parametrize("subject", SUBJECTS[1:], ids=lambda subject: subject.part, indirect=True)
async def test_of_one_id_those_saved_lately_are_left_out(store: Store, subject: Subject):
    """Articles are not among these: the store itself notes the time at which they were saved."""
    await subject.save(store, "a1", 1, now() - HOUR)
    await subject.save(store, "a1", 2, now() + HOUR)
    assert await subject.find(store, saved_before=now()) == [("a1", 1)]


@pytest.mark.parametrize("subject", SUBJECTS[1:], ids=lambda subject: subject.part, indirect=True)
class TestManyStatesOfOneId:
    async def test_a_state_is_never_found_before_those_that_precede_it(
        self, store: Store, subject: Subject
    ):
        """The clock of the process that saved the first one was fast."""
        await subject.save(store, "a1", 1, now() + HOUR)
        await subject.save(store, "a1", 2, now() - HOUR)
        assert await subject.find(store, saved_before=now()) == [("a1", 1), ("a1", 2)]

    async def test_their_number_is_bounded(self, store: Store, other: Store, subject: Subject):
        for number in range(1, MAX_UNANNOUNCED + 1):
            assert await subject.save(store, "a1", number, now()) == [True]
        with pytest.raises(StoreUnavailable, match="too many saved states of a1"):
            await subject.save(other, "a1", MAX_UNANNOUNCED + 1, now())
        assert await subject.save(other, "a1", MAX_UNANNOUNCED, now()) == [False]
        assert await subject.save(other, "b1", 1, now()) == [True]
        await subject.mark_announced(store, {"a1": 1})
        assert await subject.save(other, "a1", MAX_UNANNOUNCED + 1, now()) == [True]
        assert len(await subject.find(store, ["a1"])) == MAX_UNANNOUNCED

    async def test_they_wait_anew_when_all_before_them_were_announced(
        self, store: Store, subject: Subject
    ):
        await subject.save(store, "a1", 1, now() - 2 * HOUR)
        await subject.save(store, "b1", 1, now() - HOUR)
        await subject.mark_announced(store, {"a1": 1})
        await subject.save(store, "a1", 2, now())
        assert await subject.find(store) == [("b1", 1), ("a1", 2)]


async def test_nothing_to_mark_is_nothing_done(store: Store, subject: Subject):
    await subject.mark_announced(store, {})
    assert await subject.find(store) == []
