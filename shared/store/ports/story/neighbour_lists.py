"""Neighbour lists in the store: which articles are most like an article, with their pair scores.

How long a list may grow and which entries it keeps is not the store's to know: the caller brings a
function that merges changes into a list.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, Self
from uuid import uuid4


class Neighbour(NamedTuple):
    """How near an article is, by its pair *score*, and what the score was made of.

    What the bytes of *evidence* mean is linking's to know. Within one list all are equally long.
    """

    score: float
    evidence: bytes = b""


class NeighbourList(NamedTuple):
    """The articles most like one article: *others*, with their pair *scores* and their evidence.

    The best comes first, of equals the smaller id. `stamp` names the update that made the list; it
    is 0 for an article that never had one.
    """

    stamp: int = 0
    others: Sequence[str] = ()
    scores: Sequence[float] = ()
    evidence: Sequence[bytes] = ()

    @classmethod
    def from_entries(cls, stamp: int, entries: Mapping[str, Neighbour]) -> Self:
        """From *entries* in any order."""
        others = sorted(entries, key=lambda other: (-entries[other].score, other))
        scores = [entries[other].score for other in others]
        return cls(stamp, others, scores, [entries[other].evidence for other in others])

    @property
    def entries(self) -> dict[str, Neighbour]:
        """The entries by article, best first."""
        neighbours = map(Neighbour, self.scores, self.evidence)
        return dict(zip(self.others, neighbours, strict=True))


EMPTY: Final = NeighbourList()

Entries = Mapping[str, Neighbour | None]
"""Changes to one list: the new entry of each article named, or None to drop it."""

Merge = Callable[[NeighbourList, Entries], tuple[NeighbourList, bool]]
"""Merges entries into a list; returns the list itself if nothing changes, and if that matters."""


def merge_lists(
    lists: Mapping[str, NeighbourList], changes: Mapping[str, Entries], merge: Merge
) -> tuple[dict[str, NeighbourList], set[str]]:
    """The lists that change, with their old stamps, and the articles whose change matters.

    Articles without a list yet are missing in *lists*.
    """
    changed: dict[str, NeighbourList] = {}
    concerned: set[str] = set()
    for article_id, entries in changes.items():
        before = lists.get(article_id, EMPTY)
        after, matters = merge(before, entries)
        if after is not before:
            changed[article_id] = after
        if matters:
            concerned.add(article_id)
    return changed, concerned


def new_stamp() -> int:
    """A random stamp above 0, small enough for the whole numbers of both databases (8 bytes)."""
    return uuid4().int >> 66


class NeighbourLists(Protocol):
    """Only enrichment/related writes here. Ids of articles hold no dots, dollar signs or blanks."""

    async def get_entries(self, ids: Collection[str]) -> dict[str, dict[str, Neighbour]]:
        """For each article its neighbours, best first; empty if it has none."""

    async def get_if_changed(self, stamps: Mapping[str, int]) -> dict[str, NeighbourList]:
        """The lists of which the caller has another stamp: 0, if it has none.

        Articles that never had a list are left out. A list that was emptied is one, with a stamp.
        """

    async def get_scores_at(self, place: int, ids: Collection[str]) -> dict[str, float]:
        """The score at this *place* of each list, from 0 on; shorter lists are left out."""

    async def update(self, changes: Mapping[str, Entries], merge: Merge) -> set[str]:
        """Merge *changes* into the lists; returns the articles whose change matters, says *merge*.

        Each list is updated on its own, entry by entry: an entry that nobody changes stays, so
        updates of one list by several workers add up. *merge* must be pure, for it may run again.
        May be repeated.
        """
