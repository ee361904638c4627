"""Wake-ups for stories: whoever saves a version of one wakes the process that announces it.

Linking and publishing both change stories, in any of their workers. If each of them announced what
it finds unannounced, two would send one version in the moment before either is acknowledged. So
only one process announces a story: the owner of its key in `articles.enriched`, which belongs to
publishing. The others send it a wake-up.

Why: docs/decisions/0050-who-announces-a-story.md.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.broker.records import FOLLOW_UP, Event, Record
from shared.events.article_events import name_wake_up
from shared.events.cloud_event import build_cloud_event, read_field, read_kind
from shared.events.topics import ENRICHED
from shared.store.ports.story.stories import StoryEvent, parse_first_article

_STORY_CHANGED: Final = "story.changed"
_MAX_REMEMBERED: Final = 50_000  # some 100 bytes each
_LONGEST_PAUSE: Final = timedelta(minutes=10)


def build_story_wake_ups(
    unannounced: Iterable[StoryEvent], woken_at: datetime | None = None
) -> list[Event]:
    """One event for each story that has *unannounced* versions; it names the latest.

    *woken_at* is given by a sweep, whose wake-ups are events of their own.
    """
    latest: dict[str, StoryEvent] = {}
    for story_event in unannounced:
        known = latest.setdefault(story_event.story_id, story_event)
        if story_event.version > known.version:
            latest[story_event.story_id] = story_event
    return [_build_wake_up(story_event, woken_at) for story_event in latest.values()]


def is_story_wake_up(record: Record | Event) -> bool:
    return read_kind(record) == _STORY_CHANGED


def read_story_ids(records: Sequence[Record]) -> list[str]:
    """The distinct stories that these wake-ups name, in order."""
    return list(dict.fromkeys(read_field(record, "storyId") for record in records))


class StoryWakeUpFilter:
    """Leaves out the wake-ups that a handler has returned before.

    While an owner lags, every batch around a story finds the same version unannounced. What a
    handler returned was sent, or its process has ended; a new process sends it once more.
    """

    def __init__(self) -> None:
        self._returned: set[str] = set()

    def select(self, events: Iterable[Event]) -> list[Event]:
        """The events to return. Call it last: what it returns must not be thrown away."""
        selected: list[Event] = []
        for event in events:
            if not is_story_wake_up(event):
                selected.append(event)
            elif event.id not in self._returned:
                self._remember(event.id)
                selected.append(event)
        return selected

    def _remember(self, event_id: str) -> None:
        if len(self._returned) >= _MAX_REMEMBERED:
            self._returned.clear()  # each may then be sent once more
        self._returned.add(event_id)


class OverduePauses:
    """Between two wake-ups of a sweep for one version: each pause is twice the one before.

    Where publishing stands still or lags, its topic would grow by all that is overdue with every
    sweep. The wake-ups that it has not read yet are enough.
    """

    def __init__(self, first: timedelta) -> None:
        self._first = first
        self._pauses: dict[tuple[str, int], tuple[datetime, timedelta]] = {}

    def select(self, overdue: Iterable[StoryEvent], at: datetime) -> list[StoryEvent]:
        """Those of the *overdue* versions to wake now. What is not overdue any more is forgotten.

        Call it with all of them, and last: what it returns must not be thrown away.
        """
        pauses: dict[tuple[str, int], tuple[datetime, timedelta]] = {}
        due: list[StoryEvent] = []
        for event in overdue:
            name = (event.story_id, event.version)
            ends, pause = self._pauses.get(name, (at, self._first / 2))
            if at >= ends:
                pause = min(2 * pause, _LONGEST_PAUSE)
                ends = at + pause
                due.append(event)
            pauses[name] = (ends, pause)
        self._pauses = pauses
        return due


def _build_wake_up(story_event: StoryEvent, woken_at: datetime | None) -> Event:
    story_id, version = story_event.story_id, story_event.version
    return build_cloud_event(
        ENRICHED,
        key=story_id,
        event_id=f"{story_id}.{version}.changed{name_wake_up(woken_at)}",
        kind=_STORY_CHANGED,
        # A publishing of an older version decides this article, and announces its story.
        data={"articleId": parse_first_article(story_id), "storyId": story_id},
        time=story_event.at,
        trace=story_event.trace,
        phase=FOLLOW_UP,
    )
