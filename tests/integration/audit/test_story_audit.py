"""The audit finds what stories lack in their topics or their store, and repairs what it can."""

import pytest

from services.console.audit import Promise, Report
from shared.events.topics import STORIES_LOG, STORIES_STATE
from shared.store import Story
from tests.integration.audit.newsroom import Newsroom, seed
from tests.integration.audit.test_audit_catches import damage

pytestmark = pytest.mark.embedded


async def read_story(room: Newsroom) -> Story:
    (story,) = await room.store.stories.list_page()
    return story


def breaches_of(report: Report) -> set[tuple[Promise, str]]:
    return {(breach.promise, breach.story_id) for breach in report.breaches}


async def rename_lead(room: Newsroom) -> None:
    """The story's next version has the new title of its lead."""
    await room.drop(seed("lead", 90, "Varnholm dockworkers strike over automated cranes, again"))
    await room.work()


async def test_a_story_that_was_announced_is_no_breach(full: Newsroom):
    report = await full.audit()
    assert (report.found, report.stories) == ((), 1)


@pytest.mark.parametrize(
    ("topic", "promise"),
    [(STORIES_LOG, Promise.ANNOUNCED), (STORIES_STATE, Promise.STATE)],
)
async def test_a_latest_version_that_was_never_sent_is_sent_again(
    full: Newsroom, topic: str, promise: Promise
):
    before = await read_story(full)
    full.withheld = {(topic, f"{before.id}.{before.version + 1}")}
    await rename_lead(full)
    assert (await read_story(full)).version == before.version + 1
    assert breaches_of(await full.audit()) == {(promise, before.id)}
    full.withheld = set()
    planned = await full.repair(dry_run=True)
    assert [result.sentence for result in planned] == [
        f"send version {before.version + 1} to {topic}"
    ]
    await full.repair()
    assert (await full.audit()).found == ()


async def test_a_version_left_out_of_the_middle_stays_a_gap(full: Newsroom):
    before = await read_story(full)
    full.withheld = {(STORIES_LOG, f"{before.id}.{before.version + 1}")}
    await rename_lead(full)
    await full.drop(seed("lead", 90, "Varnholm dockworkers strike over automated cranes at last"))
    await full.work()
    assert breaches_of(await full.audit()) == {(Promise.GAPLESS, before.id)}


async def test_a_story_deleted_by_hand_was_announced_and_is_not_saved(full: Newsroom):
    story = await read_story(full)
    damage(full, "DELETE FROM stories")
    assert breaches_of(await full.audit()) == {(Promise.SAVED, story.id)}


async def test_a_story_with_other_bytes_than_announced_is_found(full: Newsroom):
    story = await read_story(full)
    damage(full, "UPDATE stories SET latest_data = CAST('{}' AS BLOB)")
    assert breaches_of(await full.audit()) == {
        (Promise.LOG, story.id),
        (Promise.STATE, story.id),
    }


async def test_a_record_that_none_of_our_services_writes_is_found(full: Newsroom):
    await full.client.send_and_wait(STORIES_STATE, b"{}", key=b"s1")
    assert breaches_of(await full.audit()) == {(Promise.OURS, "s1")}


async def test_a_due_story_event_is_pending_and_becomes_a_breach_with_age(full: Newsroom):
    story = await read_story(full)
    assert story.latest
    row = (story.id, story.version, story.latest.kind, story.latest.data)
    damage(full, "INSERT INTO notices VALUES (?, ?, ?, 9000000000000000, ?, '')", *row)
    report = await full.audit()
    assert [(b.promise, b.story_id) for b in report.pending] == [(Promise.ANNOUNCED, story.id)]
    assert report.breaches == ()
    damage(full, "UPDATE notices SET at = 0")
    assert breaches_of(await full.audit()) == {(Promise.ANNOUNCED, story.id)}
