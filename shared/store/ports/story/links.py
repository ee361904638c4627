"""Links in the store: pairs of articles that were accepted as related."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Protocol


class Link(NamedTuple):
    """Two related articles. Symmetric: `a < b`, one link a pair.

    *score* is the chance that an editor would call them related, *event* the chance that they are
    about one event, and *likeness* how alike they are: it orders the links of an article. All are 0
    to 1; score and event have the two digits that people see, and what rounds alike is no change.
    *pinned*: an editor's override links them, whatever their text says.
    """

    a: str
    b: str
    score: float
    pinned: bool = False
    event: float = 0.0
    likeness: float = 0.0

    def other(self, article_id: str) -> str:
        return self.b if article_id == self.a else self.a


def ordered_pair(a: str, b: str) -> tuple[str, str]:
    """The pair in the order that links are kept in."""
    return (a, b) if a < b else (b, a)


def group_by_article(ids: Collection[str], links: Iterable[Link]) -> dict[str, list[Link]]:
    """Those of *links* that each of these articles has, best first."""
    grouped: dict[str, list[Link]] = {article_id: [] for article_id in ids}
    for link in sorted(links, key=_rank):
        for end in (link.a, link.b):
            if end in grouped:
                grouped[end].append(link)
    return grouped


def _rank(link: Link) -> tuple[float, float, str, str]:
    """The most alike first; of equal ones the best score."""
    return -link.likeness, -link.score, link.a, link.b


class Links(Protocol):
    """Only enrichment/related writes here."""

    async def save(
        self, links: Sequence[Link], unrelated: Collection[tuple[str, str]] = ()
    ) -> None:
        """Keep these links in place of those of the same pairs; delete those of *unrelated* pairs.

        May be repeated.
        """

    async def get(self, ids: Collection[str]) -> dict[str, list[Link]]:
        """Every link of each of these articles, the most alike first, then the best score.

        An article without links has an empty list.
        """

    async def list_around(self, ids: Collection[str]) -> list[Link]:
        """Every link that any of these articles has, once, in no particular order."""

    async def count(self) -> int: ...
