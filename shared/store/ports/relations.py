"""Relations in the store: how an article is found, what it is near to, and which articles are related to it.

From the bottom up: the *signature* is made of one article alone; a *near* list holds the pair scores of the articles
most like it, each made of the two alone; a *link* is what became of a pair once its neighbourhood was looked at. What
depends on the neighbourhood is made anew when that changes: an article is *unsettled* from the change until then.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import neg
from typing import Final, NamedTuple, Protocol, Self
from uuid import uuid4

BEST: Final = 32  # entries of a near list that count: stories come out best when an article knows some of a large one
SLACK: Final = (
    16  # more that are kept for when one of these goes: those that were among them before
)


@dataclass(frozen=True)
class Signature:
    """What linking keeps of an article: the vector of its stems (L2 norm 1) and the heaviest few to find it by.

    `meaning` is the direction its words point to together: 64 signed bytes, or none where no word is known. `sense` is
    what a sentence model makes of it: 384 signed bytes, or none where it was not asked.
    """

    article_id: str
    version: int  # of the article it was made from
    published_at: datetime
    terms: tuple[str, ...]  # heaviest first
    vector: Mapping[str, float]
    column: str = (
        ""  # provider and title without its changing parts: equal for a column that recurs
    )
    meaning: bytes = b""
    sense: bytes = b""


def newest(signatures: Iterable[Signature]) -> dict[str, Signature]:
    """Of each article the one of its newest version; of equals the last."""
    return {one.article_id: one for one in sorted(signatures, key=lambda one: one.version)}


class Link(NamedTuple):
    """Two articles about the same event. Symmetric: `a < b`, one link a pair.

    *score*: 0 to 1, with the two digits that people see; what rounds alike is no change. *pinned*: the newsroom said
    so, whatever their words say.
    """

    a: str
    b: str
    score: float
    pinned: bool = False

    def other(self, article_id: str) -> str:
        return self.b if article_id == self.a else self.a


@dataclass(frozen=True)
class Unsettled:
    """An article whose neighbourhood changed, claimed by one worker; `mark` names that change."""

    article_id: str
    mark: str


class NearList(NamedTuple):
    """What an article is near to: *others*, best first (of equals the smaller id), with their pair *scores*.

    `stamp` names the amendment that made it so; 0 for an article that never had one.
    """

    stamp: int = 0
    others: Sequence[str] = ()
    scores: Sequence[float] = ()

    @classmethod
    def of(cls, stamp: int, scores: Mapping[str, float]) -> Self:
        """From *scores* in any order."""
        others = sorted(scores, key=lambda other: (-scores[other], other))
        return cls(stamp, others, [scores[other] for other in others])

    @property
    def entries(self) -> dict[str, float]:
        """The scores by article, best first."""
        return dict(zip(self.others, self.scores, strict=True))


EMPTY: Final = NearList()


def amended(
    lists: Mapping[str, NearList], changes: Mapping[str, Mapping[str, float | None]]
) -> tuple[dict[str, NearList], set[str]]:
    """What becomes of those of *lists* that change, and who has a change that stood or stands among the best.

    Articles that have no list yet are missing in *lists*. The new ones have the stamp of the old.
    """
    after: dict[str, NearList] = {}
    felt: set[str] = set()
    for one, entries in changes.items():
        before = lists.get(one, EMPTY)
        near, concerns_best = _amended(before, entries)
        if near is not before:
            after[one] = near
        if concerns_best:
            felt.add(one)
    return after, felt


def _amended(near: NearList, entries: Mapping[str, float | None]) -> tuple[NearList, bool]:
    """The list with *entries*, itself if nothing changes, and whether any of them stood or stands among the best.

    What is new and not among the best is not kept: of what comes to a full list that is most.
    """
    known = entries.keys() & near.others
    others, scores = _without(near, known)
    lowest = scores[BEST - 1] if len(scores) >= BEST else 0.0
    foremost = BEST  # of the places that entries take; BEST while none is among the best
    for negative, one in sorted(
        (-score, one) for one, score in entries.items() if score is not None
    ):
        if -negative < lowest and one not in known:
            continue
        place = _place(others, scores, one, -negative)
        if place < BEST or one in known:
            others.insert(place, one)
            scores.insert(place, -negative)
            foremost = min(foremost, place)
    if foremost == BEST and not known:
        return near, False
    del others[BEST + SLACK :], scores[BEST + SLACK :]
    after = NearList(near.stamp, others, scores)
    is_another = not known or after.entries != near.entries
    return after if is_another else near, foremost < BEST or not known.isdisjoint(
        near.others[:BEST]
    )


def _without(near: NearList, gone: Collection[str]) -> tuple[list[str], list[float]]:
    """Copies of both columns."""
    if not gone:
        return [*near.others], [*near.scores]
    kept = {other: score for other, score in near.entries.items() if other not in gone}
    return [*kept], [*kept.values()]


def _place(others: Sequence[str], scores: Sequence[float], one: str, score: float) -> int:
    """Where an entry goes: after all that are better, of equals after the smaller ids."""
    if not scores or score < scores[-1]:
        return len(scores)
    place = bisect_left(scores, -score, key=neg)
    while place < len(scores) and scores[place] == score and others[place] < one:
        place += 1
    return place


def links_of(ids: Collection[str], links: Iterable[Link]) -> dict[str, list[Link]]:
    """Those of *links* that each of these articles has, best score first."""
    found: dict[str, list[Link]] = {article_id: [] for article_id in ids}
    for link in sorted(links, key=lambda link: (-link.score, link.a, link.b)):
        for end in (link.a, link.b):
            if end in found:
                found[end].append(link)
    return found


def new_stamp() -> int:
    """Of an amendment: random, above 0, and small enough for the whole numbers of both stores (8 bytes)."""
    return uuid4().int >> 66


def pair(one: str, two: str) -> tuple[str, str]:
    """The pair in the order links are kept in."""
    return (one, two) if one < two else (two, one)


class Relations(Protocol):
    """Written by enrichment/related alone. Ids of articles hold no dots, dollar signs or blanks."""

    async def save(self, signatures: Sequence[Signature]) -> None:
        """Keep each signature unless one of a newer version of its article is there. Visible to all on return."""

    async def get(self, ids: Collection[str]) -> dict[str, Signature]:
        """The signatures of these articles; unknown ones are left out."""

    async def get_anew(self, versions: Mapping[str, int]) -> dict[str, Signature]:
        """Those of these articles that have another version by now than the one the caller has; 0 for none."""

    async def versions(self, ids: Collection[str]) -> dict[str, int]:
        """The versions that these signatures were made from; unknown ones are left out."""

    async def candidates(
        self, signatures: Sequence[Signature], window: timedelta, per_term: int
    ) -> list[set[str]]:
        """For each signature the ids that share a term with it, itself left out.

        For each of its terms the *per_term* articles published last before it or with it and the *per_term* published
        first after it, within *window* either way. Of those published at one moment with or before it the greater ids
        come first, after it the smaller. What it costs follows from *per_term*, not from how many share a term.
        """

    async def near(self, ids: Collection[str]) -> dict[str, dict[str, float]]:
        """For each of these articles the articles near to it, best first, with their pair scores; empty where none."""

    async def near_anew(self, stamps: Mapping[str, int]) -> dict[str, NearList]:
        """The near lists of these articles that have another stamp by now than the one the caller has; 0 for none.

        Articles that never had a list are left out. A list that was emptied is one, with a stamp.
        """

    async def amend(self, changes: Mapping[str, Mapping[str, float | None]]) -> set[str]:
        """Set, or with None drop, entries of near lists: article, other, score.

        Returns those of the articles with an entry that stood or stands among the `BEST` of their list: for the others
        nothing changed. A repeat returns them too, but for what was dropped. Entries that are not named stay, `SLACK`
        at most of those after the best: so amendments of one list by several workers add up. May be repeated.
        """

    async def unsettle(self, ids: Collection[str], now: datetime) -> None:
        """Mark these articles: what depends on their neighbourhood is to be looked at again. Claims on them lapse."""

    async def hold(self, ids: Collection[str], now: datetime, lease: timedelta) -> list[Unsettled]:
        """Mark those of these articles that are not marked, claimed for this caller; returns them alone."""

    async def unsettled(self, now: datetime, lease: timedelta, limit: int) -> list[Unsettled]:
        """Claim up to *limit* marked articles, those marked first, for this caller alone until the lease ends."""

    async def claimed(self, now: datetime) -> int:
        """How many marks are claimed by anybody, with a lease that has not ended."""

    async def settled(self, done: Sequence[Unsettled]) -> None:
        """Take these marks off, unless the article was marked anew since. May be repeated."""

    async def unsettled_since(self) -> datetime | None:
        """When the mark that stands longest was set; None where none does."""

    async def relate(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        """Write these links over what is there, and drop the links of the *unrelated* pairs. May be repeated."""

    async def links(self, ids: Collection[str]) -> dict[str, list[Link]]:
        """Every link of each of these articles, best score first; an article without links has an empty list."""

    async def links_around(self, ids: Collection[str]) -> list[Link]:
        """Every link that any of these articles has, once, in no order."""

    async def counts(self) -> dict[str, int]:
        """`links`, `signatures` and `unsettled`."""
