"""The contract of history: written with what it tells of, once, bounded, the latest first."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

from shared.store import (
    Act,
    ArticleWrite,
    DecisionWrite,
    HistoryEntry,
    Store,
    Story,
    StoryEvent,
)
from shared.store.mongo.operations.history import MongoHistory
from shared.store.ports.operations.history import (
    MAX_ACT_SUBJECTS,
    MAX_ENTRIES,
    MAX_REASON_CHARACTERS,
    ActPosition,
)
from shared.store.sqlite.operations.history import SqliteHistory
from tests.contract.store.builders import (
    T0,
    a_decision,
    a_first_write,
    a_revision,
    an_article,
    at,
)


def an_act(act_id: str = "f1", seconds: float = 0, **changed: object) -> Act:
    act = Act(act_id, "dismiss", "ann", at(seconds), "a test", ("c/seeds/0/1",), {"count": 1})
    return replace(act, **changed)  # type: ignore[arg-type]


def a_story(version: int = 1, **data: object) -> Story:
    content = json.dumps({"reason": "the first two", **data}).encode()
    event = StoryEvent("s1", version, "created", T0, content)
    return Story("s1", version, ("a1", "b1"), at(version), lead="a1", heat=80, latest=event)


def list_numbers(entries: list[HistoryEntry]) -> list[int]:
    return [entry.number for entry in entries]


async def test_each_version_of_an_article_leaves_an_entry(store: Store, other: Store):
    await store.articles.save([a_first_write()])
    second = an_article(version=2, changed_at=at(60))
    await store.articles.save([ArticleWrite(second, 1)])
    entries = await other.history.list_article("a1")
    assert [(entry.number, entry.kind, entry.at) for entry in entries] == [
        (2, "updated", at(60)),
        (1, "accepted", T0),
    ]


async def test_a_write_that_makes_no_version_leaves_none(store: Store):
    await store.articles.save([a_first_write()])
    same = an_article(aliases=("a1.example/x", "a1.example/y"))
    assert await store.articles.save([ArticleWrite(same, 1)]) == [True]
    assert list_numbers(await store.history.list_article("a1")) == [1]


async def test_a_write_that_lost_leaves_no_entry_and_a_repeat_no_second_one(store: Store):
    write = DecisionWrite(a_decision(), 1)
    await store.articles.save([a_first_write()])
    for _ in range(3):
        await store.decisions.save([write])
        await store.articles.save([a_first_write()])
    assert [(entry.source, entry.number) for entry in await store.history.list_article("a1")] == [
        ("decision", 1),
        ("version", 1),
    ]


async def test_of_racing_writers_the_winner_alone_leaves_an_entry(store: Store, other: Store):
    await store.articles.save([a_first_write()])
    writes = [DecisionWrite(a_decision(heat=heat), 1) for heat in range(6)]
    saves = [each.decisions.save([write]) for write in writes for each in (store, other)]
    await asyncio.gather(*saves)
    (entry, _) = await store.history.list_article("a1")
    decisions = await store.decisions.get(["a1"])
    assert entry.details["heat"] == decisions["a1"].heat


async def test_a_decision_says_in_its_entry_what_consumers_saw_of_it(store: Store):
    revision = a_revision()
    decided = a_decision(published=True, revision=1, heat=80, latest=revision, reason="heat 80")
    await store.articles.save([a_first_write()])
    await store.decisions.save([DecisionWrite(decided, 1, revision)])
    await store.decisions.save([DecisionWrite(replace(decided, stamp=2, decided_at=at(5)), 1)])
    quiet, loud, _ = await store.history.list_article("a1")
    assert (quiet.kind, loud.kind, loud.reason) == ("decided", "published", "heat 80")
    assert loud.details == {
        "published": True,
        "heat": 80,
        "lead": "a1",
        "version": 1,
        "revision": 1,
    }


async def test_a_story_tells_who_led_it_and_who_came(store: Store):
    await store.stories.save([a_story(joined=["a1", "b1"], left=[])])
    second = replace(a_story(2), lead="b1", note="ann pinned b1")
    await store.stories.save([second])
    later, first = await store.history.list_story("s1")
    assert (first.kind, first.reason, first.details["joined"]) == (
        "created",
        "the first two",
        ["a1", "b1"],
    )
    assert (later.details["lead"], later.details["note"]) == ("b1", "ann pinned b1")


async def test_the_oldest_entries_go_and_those_of_others_stay(store: Store):
    await store.articles.save([a_first_write(), a_first_write("b1")])
    for stamp in range(1, MAX_ENTRIES + 4):
        await store.decisions.save([DecisionWrite(a_decision(stamp=stamp), 1)])
    entries = await store.history.list_article("a1")
    decisions = [entry for entry in entries if entry.source == "decision"]
    assert list_numbers(decisions) == [*range(MAX_ENTRIES + 3, 3, -1)]
    assert len(entries) == MAX_ENTRIES + 1
    assert len(await store.history.list_article("b1")) == 1


async def test_a_long_reason_is_cut(store: Store):
    await store.articles.save([a_first_write()])
    await store.decisions.save([DecisionWrite(a_decision(reason="r" * 10_000), 1)])
    entry = (await store.history.list_article("a1"))[0]
    assert len(entry.reason) == MAX_REASON_CHARACTERS


async def test_what_is_read_of_an_article_is_the_same_with_a_history(store: Store):
    await store.articles.save([a_first_write()])
    await store.decisions.save([DecisionWrite(a_decision(), 1)])
    await store.stories.save([a_story()])
    assert (await store.decisions.get(["a1"]))["a1"] == a_decision()
    assert (await store.stories.get(["s1"]))["s1"] == a_story()
    assert (await store.articles.get(["a1"]))["a1"].seed == an_article().seed


async def test_an_unknown_subject_has_no_history(store: Store):
    assert await store.history.list_article("nobody") == []
    assert await store.history.list_story("nobody") == []
    assert await store.history.get_act("nothing") is None


async def test_an_act_comes_back_and_says_what_came_of_it(store: Store, other: Store):
    act = an_act()
    assert await store.history.record_act(act) == act
    assert await other.history.list_acts() == [act]
    for _ in range(2):
        await other.history.answer_act("f1", "1 dismissed", at(3))
    answered = replace(act, outcome="1 dismissed", answered_at=at(3))
    assert await store.history.get_act("f1") == answered
    await other.history.answer_act("f1", "none", at(4), {"left": ["c/seeds/0/1"]})
    last = await store.history.get_act("f1")
    assert last == replace(
        act, outcome="none", answered_at=at(4), details={"left": ["c/seeds/0/1"]}
    )


async def test_a_repeated_act_is_the_first_one(store: Store, other: Store):
    await store.history.record_act(an_act())
    again = await other.history.record_act(an_act(seconds=9, by="bo"))
    assert again == an_act()
    assert await store.history.list_acts() == [an_act()]


async def test_acts_come_in_pages_the_latest_first(store: Store):
    acts = [an_act(f"f{number % 4}{number}", number // 3) for number in range(10)]
    for act in acts:
        await store.history.record_act(act)
    expected = sorted(acts, key=lambda act: act.position, reverse=True)
    seen: list[Act] = []
    position: ActPosition | None = None
    while page := await store.history.list_acts(after=position, limit=3):
        seen += page
        position = page[-1].position
    assert seen == expected


async def test_acts_are_found_by_each_of_their_subjects(store: Store):
    both = an_act("f1", 1, subjects=("s1", "a1"))
    story_alone = an_act("f2", 2, subjects=("s1",))
    for act in (both, story_alone):
        await store.history.record_act(act)
    assert await store.history.list_acts("s1") == [story_alone, both]
    assert await store.history.list_acts("s1", story_alone.position) == [both]
    assert await store.history.list_acts("a1") == [both]


async def test_an_act_on_very_many_subjects_keeps_the_first_ones(store: Store):
    subjects = tuple(f"a{number:04}" for number in range(MAX_ACT_SUBJECTS + 5))
    kept = await store.history.record_act(an_act(subjects=subjects))
    assert kept.subjects == subjects[:MAX_ACT_SUBJECTS]
    assert await store.history.list_acts(subjects[-1]) == []


async def test_the_oldest_acts_go(store: Store):
    history = store.history
    assert isinstance(history, SqliteHistory | MongoHistory)
    bounded = type(history)(history._database, max_acts=3)
    acts = [an_act(f"f{number}", number, subjects=(f"a{number}",)) for number in range(5)]
    for act in acts:
        await bounded.record_act(act)
    assert await store.history.list_acts() == acts[:1:-1]
    assert await store.history.list_acts("a0") == []
    late = an_act("f9", -60)
    assert await bounded.record_act(late) == late
    assert late not in await store.history.list_acts()


async def test_acts_of_one_moment_all_come(store: Store):
    acts = [an_act(f"f{number}") for number in range(5)]
    await asyncio.gather(*(store.history.record_act(act) for act in acts))
    first = await store.history.list_acts(limit=2)
    rest = await store.history.list_acts(after=first[-1].position, limit=9)
    assert {act.id for act in first + rest} == {act.id for act in acts}
    assert timedelta(0) == first[0].at - rest[-1].at
