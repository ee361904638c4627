"""The event that announces one version of a story."""

from shared.broker.records import Event
from shared.events.acknowledgements import StoryAnnounced
from shared.events.cloud_event import build_cloud_event
from shared.events.topics import STORIES_LOG
from shared.store.ports.stories import StoryEvent


def build_story_event(story_event: StoryEvent) -> Event:
    """One version of a story, for its log. Its acknowledgement completes the announcement."""
    return build_cloud_event(
        STORIES_LOG,
        key=story_event.story_id,
        event_id=f"{story_event.story_id}.{story_event.version}",
        kind=f"story.{story_event.kind}",
        data=story_event.data,
        time=story_event.at,
        on_ack=StoryAnnounced(story_event.story_id, story_event.version),
    )
