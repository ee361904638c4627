"""Checks every story: `stories.log` and `stories.state` against the store."""

from collections.abc import Collection, Iterator, Mapping

from services.console.audit.breaches import Breach
from services.console.audit.checks.story_checks import StoryTopicView, check_known, check_story
from services.console.audit.topics.published_records import STORIES
from services.console.audit.topics.published_topics import PublishedLog, PublishedState
from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ProgressCallback
from shared.events.topics import STORIES_LOG, STORIES_STATE
from shared.settings import Settings
from shared.store import Store, Story, pages

PAGE = 200


class StoryChecker:
    """*checked* counts the stories in the store."""

    def __init__(
        self, settings: Settings, store: Store, cluster: str, report_progress: ProgressCallback
    ) -> None:
        self._store = store
        self._log = PublishedLog(STORIES)
        self._state = PublishedState(STORIES)
        self._log_reader = TopicReader(settings, cluster, STORIES_LOG, report_progress)
        self._state_reader = TopicReader(settings, cluster, STORIES_STATE, report_progress)
        self.checked = 0

    async def read(self) -> None:
        """Read on from where the last read ended. Raises KafkaUnavailable."""
        async for record in self._log_reader.read():
            self._log.add(record)
        async for record in self._state_reader.read():
            self._state.add(record)

    async def find_breaches(self) -> list[Breach]:
        """Check every story, and a second time those where something seemed wrong.

        Services may have worked between two reads, so only the second look counts. Call `read`
        before.
        """
        self._log.take_checkpoint()
        self._state.take_checkpoint()
        suspects: set[str] = set()
        stored: set[str] = set()
        async for page in pages(self._store.stories.list_page, PAGE):
            ids = [story.id for story in page]
            stored.update(ids)
            suspects.update(breach.story_id for breach in await self._check(ids))
        suspects |= (self._log.histories.keys() | self._state.latest.keys()) - stored
        self.checked = len(stored)
        found = await self._check_again(suspects)
        return [*found, *self._log.breaches, *self._state.breaches]

    async def _check_again(self, suspects: Collection[str]) -> list[Breach]:
        if not suspects:
            return []
        stories = await self._store.stories.get(suspects)
        due = await self._list_due(suspects)
        await self.read()
        return [*self._compare(suspects, stories, due)]

    async def _check(self, ids: Collection[str]) -> list[Breach]:
        stories = await self._store.stories.get(ids)
        return [*self._compare(ids, stories, await self._list_due(ids))]

    async def _list_due(self, ids: Collection[str]) -> set[str]:
        """The stories whose latest event, or an earlier one, is not announced yet."""
        unannounced = await self._store.stories.find_unannounced(ids, limit=None)
        return {event.story_id for event in unannounced}

    def _compare(
        self, ids: Collection[str], stories: Mapping[str, Story], due: Collection[str]
    ) -> Iterator[Breach]:
        for story_id in sorted(ids):
            view = StoryTopicView(
                history=self._log.histories.get(story_id),
                state=self._state.latest.get(story_id),
                horizon=self._log_reader.horizon,
            )
            story = stories.get(story_id)
            checkpoint = self._state.checkpoint.get(story_id, 0)
            yield from check_known(story_id, story, view, checkpoint)
            if story is not None:
                yield from check_story(story, story_id in due, view)

    def list_notes(self) -> Iterator[str]:
        for reader in (self._log_reader, self._state_reader):
            if not reader.exists:
                yield f"there is no topic {reader.topic}"
        if self._log_reader.truncated:
            yield f"the oldest records of {STORIES_LOG} are gone: older ones were not checked"
