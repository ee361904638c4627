"""Mends what an audit found, in the way the services do it: state, then event, then settled. May be repeated."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.console.audit.breaches import Breach, Report
from services.console.audit.repair_actions import (
    Announce,
    Mend,
    Park,
    Reclaim,
    Redecide,
    Refetch,
    Remeasure,
    Resend,
    Restore,
    Tell,
    Wake,
)
from services.console.audit.restore_decision import restore
from shared.broker.connection import producer
from shared.broker.records import Event, Record
from shared.broker.sender import Sender, settle
from shared.clock import now
from shared.events.catalogue import enriched, ingested, publication, rejection
from shared.settings import Settings
from shared.store import Claim, Parked, Picture, Publication, Rejected, Store

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Repaired:
    """What was done about a breach. *done* is False in a dry run, and where nothing can be."""

    breach: Breach
    sentence: str
    done: bool

    def as_json(self) -> dict[str, object]:
        return {
            "class": "repair",
            "promise": self.breach.promise.value,
            "articleId": self.breach.article_id or None,
            "repair": self.sentence,
            "done": self.done,
        }


async def repair(report: Report, settings: Settings, store: Store, dry_run: bool) -> list[Repaired]:
    """Do what mends each finding, once; returns what was done. Raises EngineAway, and may then be repeated.

    What was saved is announced by waking publishing wherever that can do it; a revision is sent from here only when
    it is the latest, is not due, and is still the latest when it is sent.
    """
    chosen = {one.mend: one for one in report.found if one.mend}
    if dry_run or not chosen:
        return [Repaired(one, str(mend), False) for mend, one in chosen.items()]
    async with producer(settings) as client:
        sender = Sender(client)
        for mend in sorted(chosen, key=_first_things_first):
            events = await _mend(mend, settings, store)
            await sender.send(events)
            await settle(events, store)
    return [Repaired(one, str(mend), True) for mend, one in chosen.items()]


def _first_things_first(mend: Mend) -> bool:
    """What has articles decided anew comes last: it looks at what the others mend."""
    return isinstance(mend, (Wake, Redecide, Restore))


async def _mend(mend: Mend, settings: Settings, store: Store) -> list[Event]:
    """Write the state; returns the events to send."""
    match mend:
        case Remeasure(picture, articles):
            await store.pictures.save(picture)
            return await _shown_anew(articles, picture, store)
        case Refetch(picture, articles):
            return await _refetch(picture, articles, store)
        case Park(article_id, url):
            await store.parked.park(
                [Parked(article_id, url, now(), 0, "found without an outcome by an audit")]
            )
            return []
        case Reclaim(article_id, aliases):
            await store.articles.claim([Claim(article_id, aliases)])
            return []
        case Restore(article_id, revision):
            await restore(article_id, settings, store)
            return await _touch([article_id], f"{article_id}.r{revision}", store)
        case _:
            return await _tell(mend, store)


async def _tell(mend: Resend | Announce | Wake | Redecide | Tell, store: Store) -> list[Event]:
    """Those whose state stands, or waits for a decision at the most."""
    match mend:
        case Resend(item, topics):
            return await _resend(item, topics, store)
        case Announce(article_id):
            stored = await store.articles.get([article_id])
            return [ingested(article) for article in stored.values() if article.pending]
        case Wake(article_id, cause):
            return [enriched(article_id, "publishing", cause)]
        case Redecide(article_id, cause):
            return await _touch([article_id], cause, store)
        case Tell(rejected):
            return [_rejection(rejected)]


def _rejection(one: Rejected) -> Event:
    cluster = one.id.removesuffix(f"/{one.topic}/{one.partition}/{one.offset}")
    record = Record(
        cluster,
        one.topic,
        one.partition,
        one.offset,
        one.rejected_at,
        one.key,
        one.value,
        one.headers,
    )
    return rejection(record, one.service, one.causes, one.rejected_at)[1]


async def _resend(item: Publication, topics: Collection[str], store: Store) -> list[Event]:
    """Only while it is the latest, and nothing newer is due."""
    decision = (await store.decisions.get([item.article_id])).get(item.article_id)
    due = await store.decisions.due([item.article_id])
    if decision is None or decision.latest != item or due:
        return []
    return [replace(event, settles=None) for event in publication(item) if event.topic in topics]


async def _touch(ids: Collection[str], cause: str, store: Store) -> list[Event]:
    """They wait for a decision, and their partitions' owners are told."""
    await store.articles.enriched("images", {}, ids)
    return [enriched(article_id, "audit", cause) for article_id in ids]


async def _shown_anew(articles: Sequence[str], picture: Picture, store: Store) -> list[Event]:
    """Whoever shows the picture: the articles that name it, and their relatives."""
    links = await store.relations.links(articles)
    near = {link.other(one) for one, found in links.items() for link in found}
    cause = f"{picture.sha256[:12]}.{picture.width}x{picture.height}"
    return await _touch(sorted({*articles, *near}), cause, store)


async def _refetch(picture: Picture, articles: Iterable[str], store: Store) -> list[Event]:
    """No longer cached, and failed so long ago that it is asked for again; then its bytes go, and work is parked."""
    failed = Picture(
        picture.url,
        "failed",
        LONG_AGO,
        reason="gone: an audit found that its bytes are not as noted",
    )
    await store.pictures.save(failed)
    await store.bytes.delete(picture.sha256, kept_before=now())
    named = list(articles)
    await store.parked.park(
        [Parked(article_id, picture.url, now(), 0, failed.reason) for article_id in named]
    )
    return await _shown_anew(named, picture, store)
