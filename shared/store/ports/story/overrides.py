"""Editors' overrides: which articles belong together or apart, whatever their text says."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Literal, Protocol

from shared.store.ports.story.links import ordered_pair

OverrideKind = Literal["pin", "merge", "block", "split"]


@dataclass(frozen=True)
class Override:
    """An editor's decision on each pair of one of *first_ids* and one of *second_ids*.

    Pin and merge keep the two together, block and split keep them apart.
    """

    kind: OverrideKind
    first_ids: tuple[str, ...]  # ids of articles, sorted
    second_ids: tuple[str, ...]
    by: str
    at: datetime
    reason: str = ""

    @property
    def id(self) -> str:
        """Equal for overrides of one kind on the same articles, whoever makes them."""
        subject = " ".join((self.kind, ",".join(self.first_ids), ",".join(self.second_ids)))
        return hashlib.sha256(subject.encode()).hexdigest()[:24]

    @property
    def page_key(self) -> str:
        return self.id

    @property
    def should_link(self) -> bool:
        """Whether the articles belong together; otherwise they are kept apart."""
        return self.kind in ("pin", "merge")

    @property
    def article_ids(self) -> frozenset[str]:
        return frozenset(self.first_ids + self.second_ids)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The pairs of articles that it is about."""
        combinations = product(self.first_ids, self.second_ids)
        return frozenset(ordered_pair(a, b) for a, b in combinations if a != b)


class Overrides(Protocol):
    """`seedwire story` writes here, for editors."""

    async def save(self, override: Override) -> None:
        """Keep it in place of one of the same id.

        Every process sees it when the call returns. May be repeated.
        """

    async def find_by_articles(self, article_ids: Collection[str]) -> list[Override]:
        """The overrides on any of these articles, the latest first.

        Those of one moment come in the order of their ids.
        """

    async def delete(self, overrides: Sequence[Override]) -> None:
        """Take these back. May be repeated."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[Override]:
        """Overrides in the order of ids, from the first greater than *after*."""
