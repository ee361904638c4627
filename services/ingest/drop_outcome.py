"""What a seed does to the article it belongs to: accepted, updated, duplicate, unchanged; the same for a replay.

Pure: the stored article and the drop decide alone. Every drop that changed something leaves its position, so that a
record which comes again (a crash before the commit, a rebalance) is answered as it was and changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from services.ingest.seed_record import Seed
from shared.article import Change, aliases, compare, refreshed, render
from shared.store import StoredArticle, Taken

REMEMBERED = 20  # changing drops kept with an article, to answer replays; all of a batch, if it holds more of one


def accept(article_id: str, seed: Seed, now: datetime) -> StoredArticle:
    """The first version of an article."""
    article = StoredArticle(
        id=article_id,
        seed=render(seed.article),
        version=1,
        aliases=aliases(seed.article),
        accepted_at=now,
        changed_at=now,
        pending=frozenset({"announcement"}),
    )
    return _taken(article, seed, Change.ACCEPTED)


def take(old: StoredArticle, seed: Seed, now: datetime) -> tuple[StoredArticle, Change]:
    """The article after this drop, and how the drop is answered. The same object when nothing changed."""
    if seed.record.offset <= old.positions.get(seed.record.source, -1):
        return old, _answer_again(old, seed)
    match compare(old.article, seed.article):
        case Change.UPDATED:
            return _updated(old, seed, now), Change.UPDATED
        case Change.DUPLICATE:
            return _taken(_with_aliases(old, seed), seed, Change.DUPLICATE), Change.DUPLICATE
        case _:
            fresh = refreshed(old.article, seed.article)
            return (old if fresh is None else replace(old, seed=render(fresh))), Change.UNCHANGED


def _updated(old: StoredArticle, seed: Seed, now: datetime) -> StoredArticle:
    new = replace(
        _with_aliases(old, seed),
        seed=render(seed.article),
        version=old.version + 1,
        changed_at=now,
        pending=old.pending | {"announcement"},
    )
    return _taken(new, seed, Change.UPDATED)


def _with_aliases(old: StoredArticle, seed: Seed) -> StoredArticle:
    return replace(old, aliases=tuple(sorted({*old.aliases, *aliases(seed.article)})))


def _taken(article: StoredArticle, seed: Seed, status: Change) -> StoredArticle:
    """Remember the drop. Positions of a cluster that is gone are dropped: its offsets mean nothing any more."""
    record = seed.record
    here = {s: o for s, o in article.positions.items() if s.startswith(f"{record.cluster}/")}
    taken = (*article.taken, Taken(record.source, record.offset, status))
    return replace(article, positions={**here, record.source: record.offset}, taken=taken)


def remembering(article: StoredArticle, batch: int) -> StoredArticle:
    """*article*, of which a batch held so many drops, with as many of its latest as may come again."""
    kept = article.taken[-max(REMEMBERED, batch) :]
    return article if kept == article.taken else replace(article, taken=kept)


def _answer_again(article: StoredArticle, seed: Seed) -> Change:
    where = (seed.record.source, seed.record.offset)
    known = {(taken.source, taken.offset): taken.status for taken in article.taken}
    return Change(known.get(where, Change.UNCHANGED))
