"""What the decisions about relatives rest on, kept in memory for as long as there is room.

A look at an article asks for the decisions about all its relatives, and most of them have not
changed since the last look. The store is asked which have: so nothing here is ever out of date.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from shared.store import NO_DECISION, Decision, DecisionMark, Store

# Relatives that are named, each of some 300 bytes, and decisions themselves, of twice as much.
MAX_KEPT: Final = 100_000


class NamedRelative(NamedTuple):
    """What a decision says of a relative; None where it depends on no such thing."""

    quality: int
    version: int | None
    published_at: datetime | None


@dataclass(frozen=True)
class Basis:
    """What a decision rests on."""

    article_id: str
    mark: DecisionMark
    version: int
    lead: str
    lead_title: str | None
    holders: frozenset[str]  # the relatives that led
    relatives: Mapping[str, NamedRelative]

    @property
    def is_lead(self) -> bool:
        return self.lead == self.article_id


def build_basis(decision: Decision) -> Basis:
    inputs = decision.inputs
    relatives: dict[str, NamedRelative] = {}
    for entry in inputs["relatives"]:
        published_at = entry.get("publishedAt")
        relatives[entry["id"]] = NamedRelative(
            quality=entry["quality"],
            version=entry.get("version"),
            published_at=datetime.fromisoformat(published_at) if published_at else None,
        )
    return Basis(
        article_id=decision.article_id,
        mark=decision.mark,
        version=decision.version,
        lead=decision.lead,
        lead_title=inputs.get("leadTitle"),
        holders=frozenset(inputs["holders"]),
        relatives=relatives,
    )


class KnownDecisions:
    """The bases of decisions, the longest unused of which are forgotten."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._bases: OrderedDict[str, Basis] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._bases)

    async def load(self, ids: Collection[str], store: Store) -> dict[str, Basis]:
        """What the latest decisions about these articles rest on; undecided ones are left out."""
        found: dict[str, Basis] = {}
        marks: dict[str, DecisionMark] = {}
        for article_id in ids:
            basis = self._bases.get(article_id)
            marks[article_id] = basis.mark if basis else NO_DECISION
            if basis:
                self._bases.move_to_end(article_id)
                found[article_id] = basis
        for article_id, decision in (await store.decisions.get_if_other(marks)).items():
            found[article_id] = self._keep(build_basis(decision))
        return found

    def _keep(self, basis: Basis) -> Basis:
        self._forget(basis.article_id)
        self._bases[basis.article_id] = basis
        self._size += _measure(basis)
        while self._size > self._max_kept:
            self._forget(next(iter(self._bases)))
        return basis

    def _forget(self, article_id: str) -> None:
        basis = self._bases.pop(article_id, None)
        if basis:
            self._size -= _measure(basis)


def _measure(basis: Basis) -> int:
    return len(basis.relatives) + 2
