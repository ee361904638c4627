"""What a drop does to its article: accepted, updated, duplicate, unchanged or outdated.

Pure: the stored article, the drop and the clock alone decide. The article remembers the position of
every drop that changed it. A record that is delivered again, after a crash before the commit or a
rebalance, therefore gets the same answer as before and changes nothing.

Versions of one article may arrive by two partitions, and thus in the wrong order. What counts is
the time of their records: a version that is older than the present one is outdated, and changes
nothing but the aliases. Of equal times, the version that is read later counts as the later one.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.ingest.seed_record import ValidDrop
from shared.article import (
    DropStatus,
    SeedError,
    classify_drop,
    is_twin,
    refresh_volatile_fields,
    render_seed,
)
from shared.events.cloud_event import find_trace
from shared.store import AnsweredDrop, StoredArticle

# Of an article, which has up to four for each text that it had: a live report has a new one every
# minute, and all of them stand in one document.
MAX_TWINS = 100
# Drops that an article remembers, to answer their redelivery; more, if a single batch has more.
MIN_REMEMBERED = 20

_VERSIONS = (DropStatus.ACCEPTED, DropStatus.UPDATED)  # drops that gave the article a version
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def create_article(
    article_id: str, drop: ValidDrop, now: datetime, version: int = 1
) -> StoredArticle:
    """The first version of an article: 1, unless the id had versions before it was deleted."""
    article = StoredArticle(
        id=article_id,
        seed=render_seed(drop.article),
        version=version,
        aliases=drop.aliases,
        accepted_at=now,
        changed_at=now,
        pending=frozenset({"announcement"}),
        trace=find_trace(drop.record),
    )
    return _remember_drop(article, drop, DropStatus.ACCEPTED, now)


def apply_drop(
    stored: StoredArticle, drop: ValidDrop, now: datetime, has_given_relations: bool = False
) -> tuple[StoredArticle, DropStatus]:
    """The article after the drop, and the status for the receipt.

    The article is the same object if nothing changed. *has_given_relations*: the seeds give the
    relations, so that what they list counts.
    """
    if drop.record.offset <= stored.positions.get(drop.record.source, -1):
        return stored, _repeat_answer(stored, drop)
    status = _classify_drop(stored, drop, has_given_relations)
    is_older = _is_older(drop, stored, now)
    if status == DropStatus.UPDATED and is_older:
        status = DropStatus.OUTDATED
    known = _add_aliases(stored, drop)
    if status == DropStatus.UPDATED:
        return _update_article(known, drop, now), status
    if status in (DropStatus.DUPLICATE, DropStatus.OUTDATED):
        return _remember_drop(known, drop, status, now), status
    return (known if is_older else _refresh_article(known, drop)), status


def _classify_drop(stored: StoredArticle, drop: ValidDrop, has_given_relations: bool) -> DropStatus:
    """An update, if the stored seed was damaged and cannot be read: the drop replaces it."""
    try:
        return classify_drop(stored.article, drop.article, has_given_relations)
    except SeedError:
        return DropStatus.UPDATED


def trim_drop_history(article: StoredArticle, batch_size: int) -> StoredArticle:
    """*article* with as many of its latest drops as may be delivered again.

    *batch_size* is how many drops of the article the batch contains, which may all come again. The
    drop that gave the present version stays, for its time.
    """
    latest = article.answered_drops[-max(MIN_REMEMBERED, batch_size) :]
    version_drop = _find_version_drop(article)
    if version_drop is not None and version_drop not in latest:
        latest = (version_drop, *latest)
    return article if latest == article.answered_drops else replace(article, answered_drops=latest)


def _update_article(stored: StoredArticle, drop: ValidDrop, now: datetime) -> StoredArticle:
    updated = replace(
        stored,
        seed=render_seed(drop.article),
        version=stored.version + 1,
        changed_at=now,
        pending=stored.pending | {"announcement"},
        trace=find_trace(drop.record),
    )
    return _remember_drop(updated, drop, DropStatus.UPDATED, now)


def _refresh_article(stored: StoredArticle, drop: ValidDrop) -> StoredArticle:
    """*stored* with the volatile fields of the drop; the same object if they are the same.

    The position says that they are later than those of earlier drops, which may be delivered again
    to a process that was stopped meanwhile.
    """
    refreshed = refresh_volatile_fields(stored.article, drop.article)
    if refreshed is None:
        return stored
    return replace(stored, seed=render_seed(refreshed), positions=_advance(stored, drop))


def _add_aliases(stored: StoredArticle, drop: ValidDrop) -> StoredArticle:
    """*stored* with what the drop was granted, which names it from now on, whatever the answer."""
    added = [alias for alias in drop.aliases if alias not in stored.aliases]
    if not added:
        return stored
    aliases = _limit_twins((*stored.aliases, *added), drop.aliases)
    return replace(stored, aliases=aliases)


def _limit_twins(aliases: Sequence[str], kept: Collection[str]) -> tuple[str, ...]:
    """*aliases* without the earliest twins where there are too many; those *kept* stay."""
    twins = [alias for alias in aliases if is_twin(alias)]
    removable = [alias for alias in twins if alias not in kept]
    surplus = max(0, len(twins) - MAX_TWINS)
    removed = {*removable[:surplus]}
    return tuple(alias for alias in aliases if alias not in removed)


def _remember_drop(
    article: StoredArticle, drop: ValidDrop, status: DropStatus, now: datetime
) -> StoredArticle:
    record = drop.record
    moment = _select_time(drop, now)
    answered = AnsweredDrop(
        source=record.source,
        offset=record.offset,
        status=status,
        timestamp_ms=_to_milliseconds(moment),
        is_time_assumed=moment != record.timestamp,
    )
    return replace(
        article,
        positions=_advance(article, drop),
        answered_drops=(*article.answered_drops, answered),
    )


def _advance(article: StoredArticle, drop: ValidDrop) -> dict[str, int]:
    """The positions of *article* with that of the drop; those in other clusters are forgotten."""
    record = drop.record
    prefix = f"{record.cluster}/"
    positions = {}
    for source, offset in article.positions.items():
        if source.startswith(prefix):
            positions[source] = offset
    positions[record.source] = record.offset
    return positions


def _is_older(drop: ValidDrop, stored: StoredArticle, now: datetime) -> bool:
    """Whether the drop was sent before the one that gave the article its present version.

    Where the time of that one is assumed, the order within a partition says more.
    """
    latest = _find_version_drop(stored)
    if latest is None:
        return False
    record = drop.record
    if latest.is_time_assumed and record.source == latest.source:
        return record.offset < latest.offset
    return _to_milliseconds(_select_time(drop, now)) < latest.timestamp_ms


def _select_time(drop: ValidDrop, now: datetime) -> datetime:
    """The time of the drop's record, which its producer set.

    A time in the future would outdate all that follows, so it is now; so is a missing one.
    """
    timestamp = drop.record.timestamp
    return timestamp if _EPOCH < timestamp <= now else now


def _to_milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _find_version_drop(article: StoredArticle) -> AnsweredDrop | None:
    for drop in reversed(article.answered_drops):
        if drop.status in _VERSIONS:
            return drop
    return None


def _repeat_answer(stored: StoredArticle, drop: ValidDrop) -> DropStatus:
    """The status that the drop got at its first delivery."""
    for answered in stored.answered_drops:
        if (answered.source, answered.offset) == (drop.record.source, drop.record.offset):
            return DropStatus(answered.status)
    return DropStatus.UNCHANGED
