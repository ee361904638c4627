"""A batch of seeds into the store: claimed, folded article by article in their order, saved by compare-and-set."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.drop_outcome import accept, remembering, take
from services.ingest.seed_record import Seed
from shared import failpoints
from shared.article import Change
from shared.clock import Clock
from shared.errors import StoreAway
from shared.store import Save, Store, StoredArticle

ROUNDS = 20  # lost races over one article in a row: each round somebody wins, so this many means a sick store


@dataclass(frozen=True)
class Answer:
    """What became of one seed, and the article as it is now stored."""

    seed: Seed
    status: Change
    article: StoredArticle


async def save_seeds(seeds: Sequence[Seed], store: Store, clock: Clock) -> list[Answer]:
    """Take every seed in; answers in no particular order. Raises StoreAway, and may then be repeated."""
    answers: list[Answer] = []
    left = list(seeds)
    for _ in range(ROUNDS):
        if not left:
            return answers
        settled, left = await _round(left, store, clock)
        answers += settled
    raise StoreAway(f"{len(left)} seeds lost {ROUNDS} races for their articles in a row")


async def _round(seeds: list[Seed], store: Store, clock: Clock) -> tuple[list[Answer], list[Seed]]:
    owners = await store.articles.claim([seed.claim for seed in seeds])
    await failpoints.reached("claimed")
    stored = await store.articles.get(set(owners))
    groups: dict[str, list[Seed]] = {}
    for seed, owner in zip(seeds, owners, strict=True):
        groups.setdefault(owner, []).append(seed)
    folded = {
        owner: _fold(owner, stored.get(owner), group, clock) for owner, group in groups.items()
    }
    await failpoints.reached("saving")
    lost = await _save(folded, stored, store)
    settled = [
        answer for owner, answers in folded.items() if owner not in lost for answer in answers
    ]
    return settled, [seed for owner in lost for seed in groups[owner]]


def _fold(
    article_id: str, article: StoredArticle | None, seeds: list[Seed], clock: Clock
) -> list[Answer]:
    """Each seed's answer, all of them with the article as it is after the last."""
    before = article
    statuses: list[Change] = []
    for seed in seeds:
        if article is None:
            article, status = accept(article_id, seed, clock()), Change.ACCEPTED
        else:
            article, status = take(article, seed, clock())
        statuses.append(status)
    assert article is not None
    if article is not before:
        article = remembering(article, len(seeds))
    return [Answer(seed, status, article) for seed, status in zip(seeds, statuses, strict=True)]


async def _save(
    folded: dict[str, list[Answer]], stored: dict[str, StoredArticle], store: Store
) -> set[str]:
    """Save the articles that changed; returns the ids whose write lost a race."""
    changed = [
        answers[-1].article
        for owner, answers in folded.items()
        if answers[-1].article is not stored.get(owner)
    ]
    saves = [_save_over(stored.get(new.id), new) for new in changed]
    won = await store.articles.save(saves)
    return {save.article.id for save, ok in zip(saves, won, strict=True) if not ok}


def _save_over(old: StoredArticle | None, new: StoredArticle) -> Save:
    return Save(new, 0) if old is None else Save(new, old.version, old.writes)
