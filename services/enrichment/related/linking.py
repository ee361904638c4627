"""Links the articles of a batch to everything in the store about the same event.

Insert first: the signatures of the batch are in the store before anyone looks for candidates, so of two articles in
flight at least one sees the other, in whatever order they come and whoever handles them. After writing, the links are
checked against the signatures once more: a signature that moved on meanwhile is judged again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from services.enrichment.related.score import score
from shared import failpoints
from shared.errors import StoreAway
from shared.store import Link, Signature, Store, pair

ROUNDS = 20  # a neighbourhood that changes under us so often in a row is a sick store, not news


Pair = tuple[str, str]


@dataclass(frozen=True)
class Rules:
    """From which score two articles are related, and how far candidates are looked for."""

    score: float
    window: timedelta
    per_term: int


async def link(signatures: Sequence[Signature], store: Store, rules: Rules) -> dict[str, set[str]]:
    """Save *signatures* and their links; returns for each article whose relatives show something else because of it.

    An article is among its own. Raises StoreAway, and may then be repeated.
    """
    await store.relations.save(signatures)
    await failpoints.reached("signed")
    touched: dict[str, set[str]] = {}
    for _ in range(ROUNDS):
        if not signatures:
            return touched
        seen, pairs = await _judge(signatures, store, rules)
        for signature in signatures:
            touched.setdefault(signature.article_id, set()).add(signature.article_id)
        for one, two in [*pairs, *((b, a) for a, b in pairs)]:
            if one in touched:
                touched[one].add(two)
        signatures = await _moved_on(seen, store)
    raise StoreAway(f"the signatures around {len(signatures)} articles did not settle")


async def _judge(signatures: Sequence[Signature], store: Store, rules: Rules) -> tuple[dict[str, Signature], set[Pair]]:
    """Link *signatures* to their candidates. Returns the signatures seen, and the pairs that are or were linked."""
    ids = [signature.article_id for signature in signatures]
    found = await store.relations.candidates(signatures, rules.window, rules.per_term)
    standing = {(link.a, link.b) for links in (await store.relations.links(ids)).values() for link in links}
    near = {pair(s.article_id, other) for s, others in zip(signatures, found, strict=True) for other in others}
    seen = await store.relations.get({*ids, *chain.from_iterable(near | standing)})
    links = _links(near | standing, seen, rules)
    now = {(link.a, link.b) for link in links}
    await failpoints.reached("relating")
    await store.relations.relate(links, standing - now)
    await failpoints.reached("related")
    return seen, standing | now


def _links(pairs: Collection[Pair], seen: dict[str, Signature], rules: Rules) -> list[Link]:
    scored = [(a, b, score(seen[a], seen[b])) for a, b in sorted(pairs) if a in seen and b in seen]
    return [Link(a, b, value) for a, b, value in scored if value >= rules.score]


async def _moved_on(seen: dict[str, Signature], store: Store) -> list[Signature]:
    """Those of the *seen* articles whose signature is of another version by now."""
    current = await store.relations.get(seen)
    return [new for article_id, new in current.items() if new.version != seen[article_id].version]
