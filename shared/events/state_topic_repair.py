"""Repairs the compacted state topics after a late send.

A process that was stopped, or cut off from Kafka, for longer than its session may send a revision
after its successor has sent the next one; and two services announce stories, so that either may be
late with a version. Readers of a log keep the highest number and are not misled. In a compacted
topic, however, the last record is the one that stays. No process can keep another's late send out,
so every sender looks at the store again after Kafka's acknowledgement: if the store has a later
state by then, the sender repeats that one to the state topic. So the last record there is always
the latest state.

A story's later version may still be in the outbox, for linking saves versions that publishing
announces. Whoever announces it sends the state anyway, most likely this very process. So the sender
looks again later, and repeats the state only if another process has announced it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from shared.broker.records import Event
from shared.events.acknowledgements import (
    RevisionAnnounced,
    StateRepaired,
    StoryAnnounced,
    StoryStateRepaired,
)
from shared.events.published_events import build_published_events
from shared.events.stories.story_events import build_story_events
from shared.store import Revision, Store, Story, StoryEvent


class StateRepairs:
    """The repairs that one process owes, after what it has sent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # By story: what was sent last. The store had a later version, which was not announced.
        self._unsettled: dict[str, int] = {}

    async def find(self, sent: Sequence[Event]) -> list[Event]:
        """The states to send once more, because the store has later ones than were *sent*.

        Call it again with what it returned, for the store may have moved on meanwhile, and with
        nothing now and then, for what was not settled. Raises StoreUnavailable.
        """
        for story_id, version in _find_latest_versions(sent).items():
            self._unsettled[story_id] = max(version, self._unsettled.get(story_id, 0))
        return [
            *await _find_article_repairs(_find_latest_revisions(sent), self._store),
            *await self._find_story_repairs(),
        ]

    async def _find_story_repairs(self) -> list[Event]:
        if not self._unsettled:
            return []
        versions = dict(self._unsettled)
        stored = await self._store.stories.get_versions(versions)
        outdated = [story_id for story_id in stored if stored[story_id] > versions[story_id]]
        waiting: set[str] = set()
        stories: Mapping[str, Story] = {}
        if outdated:
            unannounced = await self._store.stories.find_unannounced(outdated, limit=None)
            waiting = {story_event.story_id for story_event in unannounced}
            stories = await self._store.stories.get({*outdated} - waiting)
        self._settle(versions, waiting)
        repairs: list[Event] = []
        for story in stories.values():
            if story.latest and story.latest.version > versions[story.id]:
                repairs.append(_build_story_state(story.latest))
        return repairs

    def _settle(self, versions: Mapping[str, int], waiting: Collection[str]) -> None:
        """Forget the stories that were looked at, unless a version still waits or came since."""
        for story_id, version in versions.items():
            if story_id not in waiting and self._unsettled.get(story_id) == version:
                del self._unsettled[story_id]


async def _find_article_repairs(revisions: Mapping[str, int], store: Store) -> list[Event]:
    if not revisions:
        return []
    decisions = await store.decisions.get(revisions)
    repairs: list[Event] = []
    for article_id, decision in decisions.items():
        latest = decision.latest
        if latest and latest.number > revisions[article_id]:
            repairs.append(_build_article_state(latest))
    return repairs


def _find_latest_revisions(events: Sequence[Event]) -> Mapping[str, int]:
    """The latest revision of each article among *events*."""
    latest: dict[str, int] = {}
    for event in events:
        match event.on_ack:
            case RevisionAnnounced(article_id, revision) | StateRepaired(article_id, revision):
                latest[article_id] = max(revision, latest.get(article_id, 0))
    return latest


def _find_latest_versions(events: Sequence[Event]) -> Mapping[str, int]:
    """The latest version of each story among *events*."""
    latest: dict[str, int] = {}
    for event in events:
        match event.on_ack:
            case StoryAnnounced(story_id, version) | StoryStateRepaired(story_id, version):
                latest[story_id] = max(version, latest.get(story_id, 0))
    return latest


def _build_article_state(revision: Revision) -> Event:
    """Its acknowledgement announces nothing: the process that saved the revision does that."""
    state, _ = build_published_events(revision)
    return replace(state, on_ack=StateRepaired(revision.article_id, revision.number))


def _build_story_state(story_event: StoryEvent) -> Event:
    state, _ = build_story_events([story_event])
    return replace(state, on_ack=StoryStateRepaired(story_event.story_id, story_event.version))
