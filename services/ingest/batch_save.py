"""Saves a batch of valid drops.

The aliases of every drop are claimed for its article, the drops of each article are applied in
their order, and the articles that changed are saved by compare-and-set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.ingest.drop_outcome import apply_drop, create_article, trim_drop_history
from services.ingest.identity import build_claims
from services.ingest.seed_record import ValidDrop
from shared import failpoints
from shared.article import DropStatus
from shared.clock import Clock
from shared.store import ArticleWrite, GrantedClaim, Store, StoredArticle, repeat_until_stable


@dataclass(frozen=True)
class SavedDrop:
    """How one drop is answered, and its article as it is now stored."""

    drop: ValidDrop
    status: DropStatus
    article: StoredArticle


@dataclass(frozen=True)
class ArticleUpdate:
    """What the drops of one article make of it: *before* is the stored article, if there is one."""

    before: StoredArticle | None
    after: StoredArticle
    drops: Sequence[ValidDrop]
    statuses: Sequence[DropStatus]

    @property
    def is_change(self) -> bool:
        return self.after is not self.before

    @property
    def write(self) -> ArticleWrite:
        if self.before is None:
            return ArticleWrite(self.after, 0)
        return ArticleWrite(self.after, self.before.version, self.before.writes)

    @property
    def saved_drops(self) -> list[SavedDrop]:
        pairs = zip(self.drops, self.statuses, strict=True)
        return [SavedDrop(drop, status, self.after) for drop, status in pairs]


async def save_drops(drops: Sequence[ValidDrop], store: Store, clock: Clock) -> list[SavedDrop]:
    """Save every drop; the result is in no particular order.

    Repeats for drops whose article another process saved meanwhile; on return everything is saved.
    May be repeated, and is to be repeated after a StoreUnavailable.
    """
    saved: list[SavedDrop] = []

    async def save_round(remaining: Sequence[ValidDrop]) -> list[ValidDrop]:
        saved_now, lost = await _save_round(remaining, store, clock)
        saved.extend(saved_now)
        return lost

    await repeat_until_stable(save_round, drops, "drops")
    return saved


async def _save_round(
    drops: Sequence[ValidDrop], store: Store, clock: Clock
) -> tuple[list[SavedDrop], list[ValidDrop]]:
    """The drops that are saved now, and those of articles that another process saved meanwhile."""
    grants = await store.articles.claim_aliases(await build_claims(drops, store))
    await failpoints.hit("claimed")
    stored = await store.articles.get({grant.article_id for grant in grants})
    updates = []
    for article_id, group in _group_drops(drops, grants).items():
        updates.append(_apply_drops(article_id, stored.get(article_id), group, clock))
    await failpoints.hit("saving")
    lost = await _save_updates(updates, store)
    saved: list[SavedDrop] = []
    remaining: list[ValidDrop] = []
    for update in updates:
        if update.after.id in lost:
            remaining += update.drops
        else:
            saved += update.saved_drops
    return saved, remaining


def _group_drops(
    drops: Sequence[ValidDrop], grants: Sequence[GrantedClaim]
) -> dict[str, list[ValidDrop]]:
    """The drops of each article, each with what it was granted."""
    groups: dict[str, list[ValidDrop]] = {}
    for drop, grant in zip(drops, grants, strict=True):
        groups.setdefault(grant.article_id, []).append(replace(drop, grant=grant))
    return groups


def _apply_drops(
    article_id: str, before: StoredArticle | None, drops: Sequence[ValidDrop], clock: Clock
) -> ArticleUpdate:
    """Apply the drops of one article in their order."""
    remaining = list(drops)
    statuses = []
    article = before
    if article is None:
        article = create_article(article_id, remaining.pop(0), clock())
        statuses.append(DropStatus.ACCEPTED)
    for drop in remaining:
        article, status = apply_drop(article, drop, clock())
        statuses.append(status)
    if article is not before:
        article = trim_drop_history(article, len(drops))
    return ArticleUpdate(before, article, drops, statuses)


async def _save_updates(updates: Sequence[ArticleUpdate], store: Store) -> set[str]:
    """Save the articles that changed; returns the ids of those whose write lost a race."""
    writes = [update.write for update in updates if update.is_change]
    results = await store.articles.save(writes)
    return {write.article.id for write, won in zip(writes, results, strict=True) if not won}
