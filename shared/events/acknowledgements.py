"""What the store has to learn once Kafka has acknowledged an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared import failpoints
from shared.broker.records import Acknowledgement, Event
from shared.store import Store
from shared.store.ports.parked import ParkedFetch
from shared.store.ports.rejected import RedriveOrigin


@dataclass(frozen=True)
class ArticleAnnounced(Acknowledgement):
    """This version of the article was announced."""

    article_id: str
    version: int


@dataclass(frozen=True)
class RevisionAnnounced(Acknowledgement):
    """This revision of the article's published state was announced."""

    article_id: str
    revision: int


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
    articles: dict[str, int] = {}
    revisions: dict[str, int] = {}
    stories: dict[str, int] = {}
    parked = []
    for event in events:
        match event.on_ack:
            case ArticleAnnounced(article_id, version):
                articles[article_id] = max(version, articles.get(article_id, 0))
            case RevisionAnnounced(article_id, revision):
                revisions[article_id] = max(revision, revisions.get(article_id, 0))
            case StoryAnnounced(story_id, version):
                stories[story_id] = max(version, stories.get(story_id, 0))
            case ParkedWorkDone(work):
                parked.append(work)
    await store.articles.mark_announced(articles)
    await failpoints.hit("acknowledging")
    await store.decisions.mark_announced(revisions)
    if stories:
        await store.stories.mark_announced(stories)
    await store.parked.remove(parked)
    await _answer_redrives(events, store)
    await failpoints.hit("acknowledged")


async def _answer_redrives(events: Sequence[Event], store: Store) -> None:
    for event in events:
        if isinstance(event.on_ack, RedriveAnswered):
            await answer_redrive(event.on_ack, store)


async def answer_redrive(answer: RedriveAnswered, store: Store) -> None:
    """Note in the case of a rejected record what became of its last redrive. May be repeated."""
    record_id, number = answer.origin
    await store.rejected.answer_redrive(record_id, number, answer.outcome, datetime.now(UTC))
