"""Completes the stage *images* of articles, and announces what they may show now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from shared import failpoints
from shared.broker.records import Acknowledgement, Event
from shared.events.acknowledgements import ParkedWorkDone
from shared.events.article_events import build_article_enriched
from shared.events.picture_events import digest_url
from shared.store import ArticleSummary, ParkedFetch, Store

STAGE: Final = "images"


async def complete_and_announce(
    completed: Mapping[str, int],
    store: Store,
    *,
    finished: Sequence[ParkedFetch] = (),
    subscribers: Mapping[str, Sequence[str]] | None = None,
) -> list[Event]:
    """Mark the stage done for *completed* articles at these versions; returns the events.

    Announced are *completed* articles, those of *finished* parked work, *subscribers* (each with
    the causes that it shows something else now), and those of their relatives that show their
    pictures. Parked work is removed only once its event is acknowledged: after a crash before that
    it is claimed again. Writes the stage and touches the announced articles; may be repeated.

    A completed article that still waits for *related* gets no event from here: publishing could not
    decide it yet, and related, which completes it later, sends one.
    """
    subscribers = subscribers or {}
    parked_ids = {fetch.article_id for fetch in finished}
    announced = await _load_audiences({*completed, *parked_ids, *subscribers}, store)
    touched = {article_id for audience in announced.values() for article_id in audience}
    await store.articles.complete_stage(STAGE, completed, touched)
    await failpoints.hit("saved")
    summaries = await store.articles.get_summaries(announced)
    waiting = await store.articles.get_pending_versions("related", completed)
    events: list[Event] = []
    for article_id, cause in _list_causes(completed, subscribers):
        for audience_id in announced[article_id]:
            if cause or audience_id != article_id or article_id not in waiting:
                events.append(_build_enriched(audience_id, article_id, cause, summaries))
    for fetch in finished:
        events += _announce_parked(fetch, announced[fetch.article_id], summaries)
    return events


async def _load_audiences(article_ids: Collection[str], store: Store) -> dict[str, list[str]]:
    """For each article those that show its pictures: itself first, then some of its relatives.

    Only what is published is shown. A decision that is saved from now on sees the pictures, which
    are saved.
    """
    pairs: list[tuple[str, str]] = []
    for article_id, links in (await store.links.get(article_ids)).items():
        pairs += [(link.other(article_id), article_id) for link in links]
    audiences = {article_id: [article_id] for article_id in article_ids}
    showing = await store.decisions.find_naming(pairs, published_only=True)
    for relative_id, article_id in sorted(showing):
        audiences[article_id].append(relative_id)
    return audiences


def _list_causes(
    completed: Collection[str], subscribers: Mapping[str, Sequence[str]]
) -> Iterable[tuple[str, str]]:
    """Pairs of an article id and a cause of its events; an empty one is its version."""
    for article_id in completed:
        yield article_id, ""
    for article_id, causes in subscribers.items():
        for cause in causes:
            yield article_id, f".{cause}"


def _announce_parked(
    fetch: ParkedFetch, audience: Iterable[str], summaries: Mapping[str, ArticleSummary]
) -> list[Event]:
    cause = f".{digest_url(fetch.url)}.{fetch.attempts}"
    events: list[Event] = []
    for article_id in audience:
        on_ack = ParkedWorkDone(fetch) if article_id == fetch.article_id else None
        events.append(_build_enriched(article_id, fetch.article_id, cause, summaries, on_ack))
    return events


def _build_enriched(
    article_id: str,
    source_id: str,
    cause: str,
    summaries: Mapping[str, ArticleSummary],
    on_ack: Acknowledgement | None = None,
) -> Event:
    """Pictures of *source_id* came. Time and trace are those of the version that asked for them.

    The cause names that version, so that a repeat with the same id has the same bytes.
    """
    summary = summaries.get(source_id)
    version = f".v{summary.version}" if summary else ""
    return build_article_enriched(
        article_id,
        STAGE,
        f"{source_id}{version}{cause}",
        time=summary.changed_at if summary else None,
        trace=summary.trace if summary else None,
        on_ack=on_ack,
    )
