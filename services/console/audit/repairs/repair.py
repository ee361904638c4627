"""Carries out repair actions the way services work: save the state, send the event, mark it done.

Every repair may be repeated.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from services.console.audit.breaches import Breach, Report
from services.console.audit.repairs.repair_actions import (
    AnnounceRejection,
    AnnounceVersion,
    CorrectPicture,
    DecideAgain,
    ParkPicture,
    RebuildListing,
    ReclaimAliases,
    RefetchPicture,
    RepairAction,
    ResendRevision,
    ResendStory,
    RestoreDecision,
    WakePublishing,
)
from services.console.audit.repairs.restore_decision import restore_decision
from shared.broker.network.connection import open_producer
from shared.broker.records import Event
from shared.broker.sending.sender import Sender
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_enriched, build_article_ingested
from shared.events.cloud_event import build_source_headers
from shared.events.published_events import build_published_events
from shared.events.rejections import build_rejection_event
from shared.events.stories.story_events import build_story_events
from shared.settings import Settings
from shared.store import AliasClaim, ParkedFetch, Picture, Revision, Store, StoryEvent

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
NO_OUTCOME: Final = "found without an outcome by an audit"
WRONG_BYTES: Final = "gone: an audit found that its bytes are not as noted"


@dataclass(frozen=True)
class RepairResult:
    """What was done about a breach. *is_done* is False in a dry run."""

    breach: Breach
    sentence: str
    is_done: bool

    def as_json(self) -> dict[str, object]:
        return {
            "class": "repair",
            "promise": self.breach.promise.value,
            "articleId": self.breach.article_id or None,
            "storyId": self.breach.story_id or None,
            "repair": self.sentence,
            "done": self.is_done,
        }


async def repair(
    report: Report, settings: Settings, store: Store, dry_run: bool
) -> list[RepairResult]:
    """Carry out each repair action of the report once; return the results.

    Where publishing can announce what was saved, the repair wakes it. The repair itself sends a
    revision only if it is the latest, is not due, and is still the latest when it is sent.
    Raises DependencyUnavailable, and may then be repeated, or UndeliverableEvent.
    """
    breaches = {breach.repair_action: breach for breach in report.found if breach.repair_action}
    if breaches and not dry_run:
        async with open_producer(settings) as client:
            source = build_source_headers(settings.source)
            sender = Sender(client, common_headers=source)
            for action in sorted(breaches, key=_has_article_decided):
                events = await _save(action, settings, store)
                await _send(events, sender)
                await save_acknowledgements(events, store)
    return [
        RepairResult(breach, str(action), is_done=not dry_run)
        for action, breach in breaches.items()
    ]


async def _send(events: Sequence[Event], sender: Sender) -> None:
    """Raises UndeliverableEvent for the first that Kafka refuses for good."""
    for refusal in await sender.send(events):
        raise refusal.error


def _has_article_decided(action: RepairAction) -> bool:
    """Whether publishing decides the article again. Such actions come after the others."""
    return isinstance(action, (WakePublishing, DecideAgain, RestoreDecision))


async def _save(action: RepairAction, settings: Settings, store: Store) -> list[Event]:
    """Write the repaired state to the store; return the events to send."""
    match action:
        case CorrectPicture(picture, articles):
            await store.pictures.save(picture)
            return await _redecide_articles_showing(picture, articles, store)
        case RefetchPicture(picture, articles):
            return await _refetch(picture, articles, store)
        case ParkPicture(article_id, url):
            await store.parked.park([ParkedFetch(article_id, url, now(), 0, NO_OUTCOME)])
            return []
        case ReclaimAliases(article_id, aliases):
            await store.articles.claim_aliases([AliasClaim(article_id, aliases)])
            return []
        case RebuildListing(article_id):
            await store.listings.rebuild([article_id])
            return []
        case RestoreDecision(article_id, revision):
            await restore_decision(article_id, settings, store)
            return await _redecide([article_id], f"{article_id}.r{revision}", store)
        case DecideAgain(article_id, cause):
            return await _redecide([article_id], cause, store)
        case _:
            return await _load_events(action, store)


async def _load_events(
    action: ResendRevision | ResendStory | AnnounceVersion | WakePublishing | AnnounceRejection,
    store: Store,
) -> list[Event]:
    """The events of actions that change nothing in the store."""
    match action:
        case ResendRevision(revision, topics):
            return await _load_revision_events(revision, topics, store)
        case ResendStory(story_event, topics):
            return await _load_story_events(story_event, topics, store)
        case AnnounceVersion(article_id):
            stored = await store.articles.get([article_id])
            pending = [article for article in stored.values() if article.pending]
            return [build_article_ingested(article) for article in pending]
        case WakePublishing(article_id, cause):
            return [build_article_enriched(article_id, "publishing", cause, now())]
        case AnnounceRejection(rejected):
            return [build_rejection_event(rejected)]


async def _load_revision_events(
    revision: Revision, topics: Collection[str], store: Store
) -> list[Event]:
    """The events of a revision; none if it is no longer the latest or a newer one is due."""
    decision = (await store.decisions.get([revision.article_id])).get(revision.article_id)
    due = await store.decisions.find_unannounced([revision.article_id])
    if decision is None or decision.latest != revision or due:
        return []
    return _choose_events(build_published_events(revision), topics)


async def _load_story_events(
    story_event: StoryEvent, topics: Collection[str], store: Store
) -> list[Event]:
    """The events of a version; none if it is no longer the latest or a newer one is due."""
    story = (await store.stories.get([story_event.story_id])).get(story_event.story_id)
    due = await store.stories.find_unannounced([story_event.story_id])
    if story is None or story.latest != story_event or due:
        return []
    return _choose_events(build_story_events([story_event]), topics)


def _choose_events(events: Iterable[Event], topics: Collection[str]) -> list[Event]:
    """The events for these topics; nothing is written when Kafka acknowledges them."""
    return [replace(event, on_ack=None) for event in events if event.topic in topics]


async def _redecide(ids: Collection[str], cause: str, store: Store) -> list[Event]:
    """Make these articles wait for a decision; return the events that wake publishing."""
    await store.articles.touch(ids)
    return [build_article_enriched(article_id, "audit", cause, now()) for article_id in ids]


async def _redecide_articles_showing(
    picture: Picture, articles: Sequence[str], store: Store
) -> list[Event]:
    """Have the articles that name the picture decided again, and their relatives."""
    links = await store.links.get(articles)
    affected = {*articles}
    for article_id, article_links in links.items():
        affected.update(link.other(article_id) for link in article_links)
    cause = f"{picture.sha256[:12]}.{picture.width}x{picture.height}"
    return await _redecide(sorted(affected), cause, store)


async def _refetch(picture: Picture, articles: Sequence[str], store: Store) -> list[Event]:
    """Record the picture as failed long ago, delete its bytes, and park it to be fetched again.

    A failure of that age makes images request it again.
    """
    failed = Picture(picture.url, "failed", LONG_AGO, reason=WRONG_BYTES)
    await store.pictures.save(failed)
    await store.picture_bytes.delete(picture.sha256, stored_before=now())
    await store.parked.park(
        [ParkedFetch(article_id, picture.url, now(), 0, failed.reason) for article_id in articles]
    )
    return await _redecide_articles_showing(picture, articles, store)
