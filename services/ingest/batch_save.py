"""Saves a batch of valid drops.

The aliases of every drop are claimed for its article, the drops of each article are applied in
their order, and the articles that changed are saved by compare-and-set.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from services.ingest.drop_outcome import apply_drop, create_article, trim_drop_history
from services.ingest.identity import build_claims
from services.ingest.seed_record import ValidDrop
from shared import failpoints
from shared.article import DropStatus
from shared.clock import Clock
from shared.concurrency.event_loop import LoopYielder
from shared.store import ArticleWrite, GrantedClaim, Store, StoredArticle, repeat_until_stable


@dataclass(frozen=True)
class SavedDrop:
    """How one drop is answered, and its article as it is now stored.

    *has_new_aliases*: its article has aliases by which its relations are yet to be found.
    """

    drop: ValidDrop
    status: DropStatus
    article: StoredArticle
    has_new_aliases: bool = False


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
    def has_grown(self) -> bool:
        """Whether the article has new aliases, but no new version."""
        if self.before is None or self.after.version != self.before.version:
            return False
        return self.after.aliases != self.before.aliases

    @property
    def released_aliases(self) -> list[str]:
        """Aliases that the article had or was granted, and does not list any more."""
        before = self.before.aliases if self.before else ()
        had = dict.fromkeys(before)
        for drop in self.drops:
            had |= dict.fromkeys(drop.aliases)
        listed = {*self.after.aliases}
        return [alias for alias in had if alias not in listed]

    @property
    def write(self) -> ArticleWrite:
        if self.before is None:
            return ArticleWrite(self.after, 0)
        return ArticleWrite(self.after, self.before.version, self.before.writes)

    @property
    def saved_drops(self) -> list[SavedDrop]:
        # After a crash the article has not grown any more, but waits to be related.
        is_repeat = DropStatus.DUPLICATE in self.statuses and "related" in self.after.pending
        has_new_aliases = self.has_grown or is_repeat
        pairs = zip(self.drops, self.statuses, strict=True)
        return [SavedDrop(drop, status, self.after, has_new_aliases) for drop, status in pairs]


async def save_drops(
    drops: Sequence[ValidDrop], store: Store, clock: Clock, has_given_relations: bool = False
) -> list[SavedDrop]:
    """Save every drop; the result is in no particular order.

    Repeats for drops whose article another process saved meanwhile; on return everything is saved.
    Where the seeds give the relations, articles with new aliases wait for the stage *related*
    again. May be repeated, and is to be repeated after a StoreUnavailable.
    """
    saved: list[SavedDrop] = []

    async def save_round(remaining: Sequence[ValidDrop]) -> list[ValidDrop]:
        saved_now, lost = await _save_round(remaining, store, clock, has_given_relations)
        saved.extend(saved_now)
        return lost

    await repeat_until_stable(save_round, drops, "drops")
    return saved


async def _save_round(
    drops: Sequence[ValidDrop], store: Store, clock: Clock, has_given_relations: bool
) -> tuple[list[SavedDrop], list[ValidDrop]]:
    """The drops that are saved now, and those of articles that another process saved meanwhile."""
    grants = await store.articles.claim_aliases(await build_claims(drops, store))
    await failpoints.hit("claimed")
    stored = await store.articles.get({grant.article_id for grant in grants})
    groups = _group_drops(drops, grants)
    versions = await _find_first_versions(groups.keys() - stored.keys(), store)
    updates: list[ArticleUpdate] = []
    yielder = LoopYielder()
    for article_id, group in groups.items():
        before, version = stored.get(article_id), versions.get(article_id, 1)
        updates.append(_apply_drops(article_id, before, group, clock, has_given_relations, version))
        await yielder.yield_if_due()
    if has_given_relations:
        grown = [update.after.id for update in updates if update.has_grown]
        await store.articles.reopen_stage("related", grown)
    await _release_aliases(updates, store)
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


async def _find_first_versions(new_ids: Collection[str], store: Store) -> dict[str, int]:
    """Where to begin for ids that were decided before, and whose article was deleted since.

    A version never names two contents: other processes keep what they know of one.
    """
    decisions = await store.decisions.get(new_ids) if new_ids else {}
    return {article_id: decision.version + 1 for article_id, decision in decisions.items()}


async def _release_aliases(updates: Iterable[ArticleUpdate], store: Store) -> None:
    released = {update.after.id: update.released_aliases for update in updates}
    surplus = {article_id: aliases for article_id, aliases in released.items() if aliases}
    if surplus:
        await store.articles.release_aliases(surplus)
        await failpoints.hit("released")


def _group_drops(
    drops: Sequence[ValidDrop], grants: Sequence[GrantedClaim]
) -> dict[str, list[ValidDrop]]:
    """The drops of each article, each with what it was granted."""
    groups: dict[str, list[ValidDrop]] = {}
    for drop, grant in zip(drops, grants, strict=True):
        groups.setdefault(grant.article_id, []).append(replace(drop, grant=grant))
    return groups


def _apply_drops(
    article_id: str,
    before: StoredArticle | None,
    drops: Sequence[ValidDrop],
    clock: Clock,
    has_given_relations: bool,
    first_version: int,
) -> ArticleUpdate:
    """Apply the drops of one article in their order. A new one begins at *first_version*."""
    remaining = list(drops)
    statuses = []
    article = before
    if article is None:
        article = create_article(article_id, remaining.pop(0), clock(), first_version)
        statuses.append(DropStatus.ACCEPTED)
    for drop in remaining:
        article, status = apply_drop(article, drop, clock(), has_given_relations)
        statuses.append(status)
    if article is not before:
        article = trim_drop_history(article, len(drops))
    if before is None and len(drops) == 1:
        article.keep_parsed(drops[0].article)
    return ArticleUpdate(before, article, drops, statuses)


async def _save_updates(updates: Sequence[ArticleUpdate], store: Store) -> set[str]:
    """Save the articles that changed; returns the ids of those whose write lost a race."""
    writes = [update.write for update in updates if update.is_change]
    results = await store.articles.save(writes)
    return {write.article.id for write, won in zip(writes, results, strict=True) if not won}
