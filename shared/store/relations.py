"""Relations in the store: the signature an article is found by, and the symmetric links between articles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class Signature:
    """What linking keeps of an article: the vector of its stems (L2 norm 1) and the heaviest few to find it by."""

    article_id: str
    version: int  # of the article it was made from
    published_at: datetime
    terms: tuple[str, ...]  # heaviest first
    vector: Mapping[str, float]
    column: str = ""  # provider and title without its changing parts: equal for a column that recurs


@dataclass(frozen=True)
class Link:
    """Two articles about the same event. Symmetric: `a < b`, one link a pair. *score* is 0 to 1."""

    a: str
    b: str
    score: float

    def other(self, article_id: str) -> str:
        return self.b if article_id == self.a else self.a


def pair(one: str, two: str) -> tuple[str, str]:
    """The pair in the order links are kept in."""
    return (one, two) if one < two else (two, one)


class Relations(Protocol):
    """Written by enrichment/related alone."""

    async def save(self, signatures: Sequence[Signature]) -> None:
        """Keep each signature unless one of a newer version of its article is there. Visible to all on return."""

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        """The signatures of these articles; unknown ones are left out."""

    async def candidates(self, signatures: Sequence[Signature], window: timedelta, per_term: int) -> list[set[str]]:
        """For each signature the ids that share a term with it, itself left out.

        For each of its terms the newest *per_term* articles published within *window* either way.
        """

    async def relate(self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()) -> None:
        """Write these links over what is there, and drop the links of the *unrelated* pairs. May be repeated."""

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        """Every link of each of these articles, best score first; an article without links has an empty list."""

    async def counts(self) -> dict[str, int]:
        """`links` and `signatures`."""
