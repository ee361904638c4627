"""The events that announce one version of a story."""

from collections.abc import Iterable
from dataclasses import replace

from shared.broker.records import Event
from shared.events.acknowledgements import StoryAnnounced
from shared.events.cloud_event import build_cloud_event
from shared.events.topics import STORIES_LOG, STORIES_STATE
from shared.store.ports.story.stories import StoryEvent


def build_story_events(story_events: Iterable[StoryEvent]) -> list[Event]:
    """Versions of stories for the compacted state topic, and for the log, which is sent after it.

    Both carry the same event, unless the story ended: then the state topic gets a tombstone. Their
    acknowledgement completes the announcement.
    """
    events: list[Event] = []
    for story_event in story_events:
        log = _build_event(story_event)
        if story_event.kind == "ended":
            events += [_build_tombstone(story_event), log]
        else:
            events += [replace(log, topic=STORIES_STATE, phase=0), log]
    return events


def _build_event(story_event: StoryEvent) -> Event:
    return build_cloud_event(
        STORIES_LOG,
        key=story_event.story_id,
        event_id=f"{story_event.story_id}.{story_event.version}",
        kind=f"story.{story_event.kind}",
        data=story_event.data,
        time=story_event.at,
        trace=story_event.trace,
        phase=1,
        on_ack=StoryAnnounced(story_event.story_id, story_event.version),
    )


def _build_tombstone(story_event: StoryEvent) -> Event:
    return build_cloud_event(
        STORIES_STATE,
        key=story_event.story_id,
        event_id=f"{story_event.story_id}.{story_event.version}.tombstone",
        kind="story.removed",
        data=None,
        time=story_event.at,
        trace=story_event.trace,
        on_ack=StoryAnnounced(story_event.story_id, story_event.version),
    )
