"""What the store has to learn once Kafka has acknowledged an event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared import failpoints
from shared.broker.records import Acknowledgement, Event
from shared.store import Store
from shared.store.ports.operations.rejected import RedriveOrigin
from shared.store.ports.picture.parked import ParkedFetch


@dataclass(frozen=True)
class ArticleAnnounced(Acknowledgement):
    """This version of the article was announced."""

    article_id: str
    version: int


@dataclass(frozen=True)
class RevisionAnnounced(Acknowledgement):
    """This revision of the article's published state was announced.

    *dropped_at* is known of first revisions alone, and not after a crash.
    """

    article_id: str
    revision: int
    kind: str = field(default="", compare=False)
    dropped_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class StateRepaired(Acknowledgement):
    """This revision was sent to the state topic once more. There is nothing to save."""

    article_id: str
    revision: int


@dataclass(frozen=True)
class StoryAnnounced(Acknowledgement):
    """This version of the story was announced."""

    story_id: str
    version: int


@dataclass(frozen=True)
class StoryStateRepaired(Acknowledgement):
    """This version was sent to the state topic once more. There is nothing to save."""

    story_id: str
    version: int


@dataclass(frozen=True)
class ParkedWorkDone(Acknowledgement):
    """This piece of parked work is done."""

    work: ParkedFetch


@dataclass(frozen=True)
class RedriveAnswered(Acknowledgement):
    """A record that was sent again was handled; *outcome* says how, such as a receipt's status."""

    origin: RedriveOrigin
    outcome: str


async def save_acknowledgements(events: Sequence[Event], store: Store) -> None:
    """Write what the acknowledged *events* complete, in bulk. May be repeated."""
    completed = _Completed()
    for event in events:
        completed.add(event.on_ack)
    if completed.articles:
        await store.articles.mark_announced(completed.articles)
    await failpoints.hit("acknowledging")
    if completed.revisions:
        await store.decisions.mark_announced(completed.revisions)
    if completed.stories:
        await store.stories.mark_announced(completed.stories)
    if completed.parked:
        await store.parked.remove(completed.parked)
    await _answer_redrives(events, store)
    await failpoints.hit("acknowledged")


@dataclass
class _Completed:
    """The highest number of each article and story, and the parked work."""

    articles: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    stories: dict[str, int] = field(default_factory=dict)
    parked: list[ParkedFetch] = field(default_factory=list)

    def add(self, acknowledgement: Acknowledgement | None) -> None:
        match acknowledgement:
            case ArticleAnnounced(article_id, version):
                _raise_number(self.articles, article_id, version)
            case RevisionAnnounced(article_id, revision):
                _raise_number(self.revisions, article_id, revision)
            case StoryAnnounced(story_id, version):
                _raise_number(self.stories, story_id, version)
            case ParkedWorkDone(work):
                self.parked.append(work)


def _raise_number(numbers: dict[str, int], name: str, number: int) -> None:
    numbers[name] = max(number, numbers.get(name, 0))


async def _answer_redrives(events: Sequence[Event], store: Store) -> None:
    for event in events:
        if isinstance(event.on_ack, RedriveAnswered):
            await answer_redrive(event.on_ack, store)


async def answer_redrive(answer: RedriveAnswered, store: Store) -> None:
    """Note in the case of a rejected record what became of its last redrive. May be repeated."""
    record_id, number = answer.origin
    await store.rejected.answer_redrive(record_id, number, answer.outcome, datetime.now(UTC))
