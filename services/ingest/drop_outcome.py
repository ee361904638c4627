"""What a drop does to its article: accepted, updated, duplicate or unchanged.

Pure: the stored article and the drop alone decide. The article remembers the position of every drop
that changed it. A record that is delivered again, after a crash before the commit or a rebalance,
therefore gets the same answer as before and changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from services.ingest.seed_record import ValidDrop
from shared.article import (
    DropStatus,
    classify_drop,
    collect_aliases,
    refresh_volatile_fields,
    render_seed,
)
from shared.store import AnsweredDrop, StoredArticle

# Drops that an article remembers, to answer their redelivery; more, if a single batch has more.
MIN_REMEMBERED = 20


def create_article(article_id: str, drop: ValidDrop, now: datetime) -> StoredArticle:
    """The first version of an article."""
    article = StoredArticle(
        id=article_id,
        seed=render_seed(drop.article),
        version=1,
        aliases=collect_aliases(drop.article),
        accepted_at=now,
        changed_at=now,
        pending=frozenset({"announcement"}),
    )
    return _remember_drop(article, drop, DropStatus.ACCEPTED)


def apply_drop(
    stored: StoredArticle, drop: ValidDrop, now: datetime
) -> tuple[StoredArticle, DropStatus]:
    """The article after the drop, and the status for the receipt.

    The article is the same object if nothing changed.
    """
    if drop.record.offset <= stored.positions.get(drop.record.source, -1):
        return stored, _repeat_answer(stored, drop)
    status = classify_drop(stored.article, drop.article)
    if status == DropStatus.UPDATED:
        return _update_article(stored, drop, now), status
    if status == DropStatus.DUPLICATE:
        return _remember_drop(_add_aliases(stored, drop), drop, status), status
    refreshed = refresh_volatile_fields(stored.article, drop.article)
    if refreshed is None:
        return stored, status
    return replace(stored, seed=render_seed(refreshed)), status


def trim_drop_history(article: StoredArticle, batch_size: int) -> StoredArticle:
    """*article* with as many of its latest drops as may be delivered again.

    *batch_size* is how many drops of the article the batch contains, which may all come again.
    """
    latest = article.answered_drops[-max(MIN_REMEMBERED, batch_size) :]
    return article if latest == article.answered_drops else replace(article, answered_drops=latest)


def _update_article(stored: StoredArticle, drop: ValidDrop, now: datetime) -> StoredArticle:
    updated = replace(
        _add_aliases(stored, drop),
        seed=render_seed(drop.article),
        version=stored.version + 1,
        changed_at=now,
        pending=stored.pending | {"announcement"},
    )
    return _remember_drop(updated, drop, DropStatus.UPDATED)


def _add_aliases(stored: StoredArticle, drop: ValidDrop) -> StoredArticle:
    aliases = {*stored.aliases, *collect_aliases(drop.article)}
    return replace(stored, aliases=tuple(sorted(aliases)))


def _remember_drop(article: StoredArticle, drop: ValidDrop, status: DropStatus) -> StoredArticle:
    """Forgets positions in other clusters, which no longer exist."""
    record = drop.record
    prefix = f"{record.cluster}/"
    positions = {s: offset for s, offset in article.positions.items() if s.startswith(prefix)}
    positions[record.source] = record.offset
    answered = AnsweredDrop(record.source, record.offset, status)
    return replace(article, positions=positions, answered_drops=(*article.answered_drops, answered))


def _repeat_answer(stored: StoredArticle, drop: ValidDrop) -> DropStatus:
    """The status that the drop got at its first delivery."""
    for answered in stored.answered_drops:
        if (answered.source, answered.offset) == (drop.record.source, drop.record.offset):
            return DropStatus(answered.status)
    return DropStatus.UNCHANGED
