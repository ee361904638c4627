"""Finds what the articles of a batch are near to, in the whole store.

Insert first: the signatures of the batch are in the store before anyone looks for candidates, so of two articles in
flight at least one sees the other, in whatever order they come and whoever handles them. After writing, the signatures
that were looked at are read once more: one that moved on meanwhile is judged again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.enrichment.related.score import score
from shared.clock import Clock
from shared.errors import StoreAway
from shared.store import Signature, Store

ROUNDS = 20  # a neighbourhood that changes under us so often in a row is a sick store, not news


@dataclass(frozen=True)
class Reach:
    """How far candidates are looked for, and from which pair score on an article is near to another."""

    window: timedelta
    per_term: int
    near: float = 0.2


async def place(signatures: Sequence[Signature], store: Store, reach: Reach, clock: Clock) -> None:
    """Save *signatures*, put the articles into each other's near lists, and mark all whose neighbourhood changed.

    Raises StoreAway, and may then be repeated.
    """
    await store.relations.save(signatures)
    for _ in range(ROUNDS):
        if not signatures:
            return
        signatures = await _place(signatures, store, reach, clock)
    raise StoreAway(f"the signatures around {len(signatures)} articles did not settle")


async def _place(signatures: Sequence[Signature], store: Store, reach: Reach, clock: Clock) -> list[Signature]:
    """Judge *signatures* against their candidates. Returns those of what was seen that moved on meanwhile."""
    ids = [signature.article_id for signature in signatures]
    found = await store.relations.candidates(signatures, reach.window, reach.per_term)
    standing = await store.relations.near(ids)
    seen = await store.relations.get({*ids, *_others(found), *_others(standing.values())})
    changes: dict[str, dict[str, float | None]] = {one: {} for one in ids}
    for one, candidates in zip(ids, found, strict=True):
        if one not in seen:
            continue
        for other in candidates | standing[one].keys():
            value = score(seen[one], seen[other]) if other in seen else 0.0
            entry = value if value >= reach.near else None
            if entry is not None or other in standing[one]:
                changes[one][other] = entry
                changes.setdefault(other, {})[one] = entry
    dropped = [other for other, entries in changes.items() if None in entries.values()]
    await store.relations.unsettle(dropped, clock())
    await store.relations.amend(changes)
    await store.relations.unsettle(changes, clock())
    return await _moved_on(seen, store)


def _others(lists: Iterable[Collection[str]]) -> set[str]:
    return {other for near in lists for other in near}


async def _moved_on(seen: Mapping[str, Signature], store: Store) -> list[Signature]:
    """Those of the *seen* articles whose signature is of another version by now."""
    versions = await store.relations.versions(seen)
    moved = [one for one, version in versions.items() if version != seen[one].version]
    return list((await store.relations.get(moved)).values()) if moved else []
