"""A signature made ready for scoring: arrays instead of words. Kept by those who score, and never in the store."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.vectors import Table
from shared.store import Signature, Store

KEPT = 20_000  # readings kept in memory, some 1 KB each: more than two days of a busy feed


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """`keys` name the *n* stems (sorted), `values` are their weights (L2 norm 1); `rows` are theirs in the table, and

    `shares` their part of the article's weight; `terms` are the few that it is found by. `direction` is zero where no
    word is known, `sense` empty where no model was asked; `day` counts from 1970.
    """

    article_id: str
    version: int
    keys: NDArray[np.int64]
    values: NDArray[np.float32]
    rows: NDArray[np.int32]
    shares: NDArray[np.float32]
    direction: NDArray[np.float32]
    known: bool
    sense: NDArray[np.int8]
    day: float
    column: str
    terms: frozenset[str]


def read(signature: Signature, table: Table) -> Reading:
    stems = list(signature.vector) or [""]  # an article of no words is near to nothing
    keys = np.fromiter(map(_key, stems), np.int64, len(stems))
    order = np.argsort(keys)
    values = np.fromiter(signature.vector.values() or [0.0], np.float32, len(stems))
    return Reading(
        article_id=signature.article_id,
        version=signature.version,
        keys=keys[order],
        values=values[order],
        rows=table.rows(stems)[order],
        shares=(values / max(float(values.sum()), 1e-9))[order],
        direction=table.direction(signature.meaning),
        known=bool(signature.meaning),
        sense=np.frombuffer(signature.sense, np.int8),
        day=signature.published_at.timestamp() / 86_400,
        column=signature.column,
        terms=frozenset(signature.terms),
    )


class Readings:
    """The readings of articles, asked of the store when they are not at hand or have moved on. Not state: a memory."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kept: dict[str, Reading] = {}

    def take(self, signatures: Collection[Signature]) -> None:
        """Know these already, as just made."""
        self._keep({one.article_id: read(one, self._table) for one in signatures})

    async def get(self, ids: Collection[str], store: Store) -> dict[str, Reading]:
        """The readings of the newest versions of these articles; those without a signature are left out."""
        versions = await store.relations.versions(ids)
        missing = [one for one, version in versions.items() if not self._has(one, version)]
        signatures = await store.relations.get(missing) if missing else {}
        fresh = {one: read(signature, self._table) for one, signature in signatures.items()}
        found = {one: self._kept[one] for one in versions if one not in fresh and one in self._kept} | fresh
        self._keep(fresh)
        return found

    def _has(self, article_id: str, version: int) -> bool:
        kept = self._kept.get(article_id)
        return kept is not None and kept.version == version

    def _keep(self, fresh: Mapping[str, Reading]) -> None:
        for one in fresh:
            self._kept.pop(one, None)  # to the end: what is oldest goes first
        self._kept |= fresh
        for one in list(self._kept)[: max(0, len(self._kept) - KEPT)]:
            del self._kept[one]


def _key(stem: str) -> int:
    """A number for a stem, the same everywhere; of all the words there are, two hardly ever share one."""
    return int.from_bytes(blake2b(stem.encode(), digest_size=8).digest(), "little", signed=True)
