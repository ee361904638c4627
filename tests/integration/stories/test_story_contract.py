"""What other teams learn of stories: from `stories.state`, from the log, and from the articles."""

import json
from typing import Any

import pytest

from services.console.actions.acts import ActCause
from services.console.actions.stories import overrides
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from shared.broker.records import Event
from shared.events.acknowledgements import save_acknowledgements
from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.state_topic_repair import StateRepairs
from shared.events.stories.story_events import build_story_events
from shared.events.topics import STORIES_LOG, STORIES_STATE
from shared.store import Store, StoryMove
from tests.integration.stories.newsroom import Newsroom, event_type
from tests.integration.stories.test_stories_live import (
    COMET,
    STRIKE,
    THIRD_COMET,
    build_record,
    drop_two_stories,
)

AUTHOR, NOTE = "canary-ann", "canary: do not print"
FOURTH_COMET = "Comet Vaskell brightens, and crowds climb to Pelmoor Observatory"


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    return Newsroom(store)


async def edit_two_stories(newsroom: Newsroom) -> None:
    """Two stories that editors merge and divide again, and that other leads take over."""
    await drop_two_stories(newsroom)
    await overrides.merge_stories(newsroom.store, "c1", "d1", ActCause(AUTHOR, NOTE))
    await newsroom.pipeline.finish()
    await newsroom.drop("c3", THIRD_COMET, quality=90, hours=2)
    await overrides.split_story(newsroom.store, ["c2"], "c1", ActCause(AUTHOR, NOTE))
    await newsroom.pipeline.finish()
    await overrides.override_pair(newsroom.store, "block", "c1", "c3", ActCause(AUTHOR, NOTE))
    await newsroom.pipeline.finish()


def read_latest(newsroom: Newsroom, topic: str) -> dict[str, dict[str, Any]]:
    """What compaction leaves of the topic; of the log, what its fold leaves."""
    latest: dict[str, dict[str, Any]] = {}
    for event in newsroom.pipeline.announced:
        if event.topic != topic:
            continue
        key = (event.key or b"").decode()
        if event_type(event) in ("story.ended", "story.removed"):
            latest.pop(key, None)
        else:
            latest[key] = json.loads(event.value or b"")
    return latest


async def read_stored(store: Store) -> dict[str, dict[str, Any]]:
    latest: dict[str, dict[str, Any]] = {}
    for story in await store.stories.list_page():
        if story.members and story.latest:
            latest[story.id] = json.loads(story.latest.data)
    return latest


async def test_the_state_topic_the_fold_of_the_log_and_the_store_agree(newsroom: Newsroom):
    await edit_two_stories(newsroom)
    state = read_latest(newsroom, STORIES_STATE)
    assert state == read_latest(newsroom, STORIES_LOG) == await read_stored(newsroom.store)
    assert state


async def test_a_newcomer_finds_title_lead_heat_and_members_in_the_state(newsroom: Newsroom):
    await edit_two_stories(newsroom)
    decisions = await newsroom.store.decisions.get(["c1", "c2", "c3", "d1", "d2"])
    articles = await newsroom.store.articles.get(decisions)
    members = await newsroom.store.stories.get_members(read_latest(newsroom, STORIES_STATE))
    for story_id, story in read_latest(newsroom, STORIES_STATE).items():
        assert {*story["members"]} == members[story_id]
        assert story["memberCount"] == len(members[story_id])
        assert story["heat"] == decisions[story["lead"]].heat
        assert story["title"] == articles[story["lead"]].article.title


async def test_a_new_title_of_the_lead_is_told_with_the_story(newsroom: Newsroom):
    await newsroom.drop("c1", COMET[0], quality=80)
    await newsroom.drop("c2", COMET[1], quality=60, hours=1)
    await newsroom.drop("c1", f"{COMET[0]} tonight", quality=80)
    kind, last = newsroom.story_changes[-1]
    assert (kind, last["title"], last["reasonCode"]) == (
        "story.updated",
        f"{COMET[0]} tonight",
        "lead-updated",
    )


async def test_a_story_that_ended_leaves_a_tombstone_with_an_id_of_its_own(newsroom: Newsroom):
    await drop_two_stories(newsroom)
    await overrides.merge_stories(newsroom.store, "c1", "d1", ActCause(AUTHOR, NOTE))
    await newsroom.pipeline.finish()
    state = [event for event in newsroom.pipeline.announced if event.topic == STORIES_STATE]
    (tombstone,) = [event for event in state if event.value is None]
    (ended,) = [event for event in newsroom.story_events if event_type(event) == "story.ended"]
    assert (tombstone.key, event_type(tombstone)) == (b"sd1", "story.removed")
    assert tombstone.id == f"{ended.id}.tombstone"


async def test_every_story_event_is_as_its_model_says(newsroom: Newsroom):
    await edit_two_stories(newsroom)
    for kind, data in newsroom.story_changes:
        read = PUBLIC_EVENTS[kind].model_validate_json(json.dumps(data))
        assert json.dumps(read.as_json()) == json.dumps(data)


async def test_editors_and_their_notes_are_in_the_store_and_in_no_event(newsroom: Newsroom):
    await edit_two_stories(newsroom)
    for event in newsroom.pipeline.announced:
        assert b"canary" not in repr(event).encode()
    notes = [story.note for story in await newsroom.store.stories.list_page()]
    assert any(AUTHOR in note and NOTE in note for note in notes)


async def assert_articles_name_their_stories(newsroom: Newsroom) -> None:
    """What consumers see of each published article names the story that it is in."""
    articles = [article.id for article in await newsroom.store.articles.list_page()]
    story_ids = await newsroom.store.stories.get_story_ids(articles)
    shown = {}
    for article_id, decision in (await newsroom.store.decisions.get(articles)).items():
        if decision.published:
            assert decision.latest
            shown[article_id] = json.loads(decision.latest.data)["storyId"]
    assert shown
    assert shown == {article_id: story_ids[article_id] for article_id in shown}


async def test_articles_name_the_story_that_they_are_in_wherever_it_goes(newsroom: Newsroom):
    await newsroom.drop("c1", COMET[0], quality=80)
    await assert_articles_name_their_stories(newsroom)
    await newsroom.drop("d1", STRIKE[0], quality=75)
    await newsroom.drop("d2", STRIKE[1], quality=65, hours=1)
    await overrides.override_pair(newsroom.store, "block", "c1", "d1", ActCause("ann"))
    await overrides.override_pair(newsroom.store, "pin", "c1", "d2", ActCause("ann"))
    await newsroom.pipeline.finish()
    await assert_articles_name_their_stories(newsroom)
    await overrides.remove_overrides(newsroom.store, "c1", "d2", ActCause("ann"))
    await newsroom.pipeline.finish()
    await assert_articles_name_their_stories(newsroom)


async def test_a_story_changes_in_published_articles_after_a_crash_too(newsroom: Newsroom):
    """A worker merged two stories and died before it woke anybody or wrote a snapshot."""
    await drop_two_stories(newsroom)
    await overrides.merge_stories(newsroom.store, "c1", "d1", ActCause("ann"))
    moves = [StoryMove("d1", "sd1", "sc1"), StoryMove("d2", "sd1", "sc1")]
    await newsroom.store.stories.move(moves)
    await newsroom.pipeline.finish()
    await assert_articles_name_their_stories(newsroom)


async def test_a_new_cluster_gets_the_latest_of_every_story_and_tombstones(newsroom: Newsroom):
    await edit_two_stories(newsroom)
    state = read_latest(newsroom, STORIES_STATE)
    resent = [events async for events in build_handler(RelatedSettings()).resend(newsroom.store)]
    newsroom.pipeline.announced[:] = [event for events in resent for event in events]
    assert read_latest(newsroom, STORIES_STATE) == read_latest(newsroom, STORIES_LOG) == state
    assert any(event.value is None for event in newsroom.pipeline.announced)


async def test_a_worker_whose_story_event_comes_late_sends_the_latest_state_again(
    newsroom: Newsroom,
):
    await newsroom.drop("c1", COMET[0], quality=80)
    record = build_record(await newsroom.save("c2", COMET[1], quality=60))
    woken = await newsroom.pipeline.related.handle([record], newsroom.store)
    late = build_story_events(await newsroom.store.stories.find_unannounced(["sc1"]))
    await newsroom.pipeline.finish(woken)
    await newsroom.drop("c3", FOURTH_COMET, hours=2)
    process = StateRepairs(newsroom.store)
    repairs = await process.find(late)
    (state,) = [event for event in repairs if event.topic == STORIES_STATE]
    stored = (await newsroom.store.stories.get(["sc1"]))["sc1"]
    assert stored.latest
    assert (state.key, state.value) == (b"sc1", stored.latest.data)
    assert await process.find(repairs) == []


async def save_two_versions(newsroom: Newsroom) -> tuple[list[Event], list[Event]]:
    """The events of the first version of a story, and of a later one; neither is announced."""
    await newsroom.drop("c1", COMET[0], quality=80)
    record = build_record(await newsroom.save("c2", COMET[1], quality=60))
    await newsroom.pipeline.related.handle([record], newsroom.store)
    record = build_record(await newsroom.save("c3", FOURTH_COMET, hours=2))
    await newsroom.pipeline.related.handle([record], newsroom.store)
    first, *later = await newsroom.store.stories.find_unannounced(["sc1"])
    return build_story_events([first]), build_story_events(later)


async def test_a_version_that_is_not_announced_yet_is_left_to_who_announces_it(
    newsroom: Newsroom,
):
    first, later = await save_two_versions(newsroom)
    process = StateRepairs(newsroom.store)
    assert await process.find(first) == []
    await save_acknowledgements(later, newsroom.store)
    assert await process.find(later) == []


async def test_a_late_sender_repeats_the_version_that_another_process_announced(
    newsroom: Newsroom,
):
    first, later = await save_two_versions(newsroom)
    process = StateRepairs(newsroom.store)
    assert await process.find(first) == []
    await save_acknowledgements(later, newsroom.store)  # by the other process
    (state,) = await process.find(())
    assert (state.topic, state.value) == (STORIES_STATE, later[-1].value)
    assert await process.find([state]) == []
