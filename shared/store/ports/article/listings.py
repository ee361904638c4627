"""Listings in the store: lists of articles, a page at a time, in the order that people read them.

A listing is what a list shows of an article. It repeats what the article and its latest decision
say, and is written with them: nobody writes listings by themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, Protocol

Order = Literal["time", "heat"]
"""The latest first, or the hottest first and of equals the latest."""

UNDECIDED_HEAT: Final = -2
"""Where articles that are not decided yet stand among the others: below those of heat -1."""


class Position(NamedTuple):
    """Where an article stands in a list; the next page begins after it."""

    heat: int
    published_at: datetime
    article_id: str


class Listing(NamedTuple):
    """What a list shows of an article.

    `published_at` is what the seed says, or when an unreadable article was accepted. `problem` says
    why an article cannot be read; then there is no title, and no list by topic has it. `language`
    is empty until related has read the article. Whatever follows it is of the latest decision.
    """

    article_id: str
    version: int
    title: str
    slug: str
    published_at: datetime
    provider: str  # its name, or else its domain
    topics: tuple[str, ...]
    quality: int | None
    problem: str = ""
    language: str = ""  # ISO 639-1
    is_published: bool = False
    heat: int | None = None
    lead: str = ""
    relatives: int | None = None  # of a lead; of an outranked article they are its lead's
    revision: int = 0
    revised_at: datetime | None = None

    @property
    def position(self) -> Position:
        heat = UNDECIDED_HEAT if self.heat is None else self.heat
        return Position(heat, self.published_at, self.article_id)


class ListingLine(NamedTuple):
    """What a line of a long list shows: less than a listing, and read in half the time."""

    article_id: str
    is_published: bool
    heat: int | None
    quality: int | None
    relatives: int | None
    published_at: datetime
    title: str
    problem: str


def build_line(listing: Listing) -> ListingLine:
    return ListingLine(
        listing.article_id,
        listing.is_published,
        listing.heat,
        listing.quality,
        listing.relatives,
        listing.published_at,
        listing.title,
        listing.problem,
    )


@dataclass(frozen=True)
class ListingQuery:
    """Which articles a list has: those for which everything holds that is given.

    *topic*, *provider* (name or domain) and *language* regard no case. *search* wants every word of
    it in the title, in any order; its results can only be in the order of time.
    """

    is_published: bool | None = None
    topic: str = ""
    provider: str = ""
    language: str = ""
    slug: str = ""
    search: str = ""
    order: Order = field(default="time")

    def __post_init__(self) -> None:
        if self.search and self.order != "time":
            raise ValueError("results of a search are in the order of time")


class Listings(Protocol):
    """Written by whatever saves articles, signatures and decisions.

    A page costs as much whether the list has a hundred articles or a million. The exception is a
    list by several things at once that are frequent each, but rare together.
    """

    async def find(
        self, query: ListingQuery, after: Position | None = None, limit: int | None = 50
    ) -> list[Listing]:
        """The first *limit* articles of the list, or those after the position *after*.

        All of them if *limit* is None, which costs less than page after page.
        An article that changes meanwhile may move from a page that was read to one that was not.
        """

    async def find_lines(self, query: ListingQuery) -> list[ListingLine]:
        """A line for every article of the list, in the same order."""

    async def get(self, ids: Collection[str]) -> dict[str, Listing]:
        """The listings of these articles, by id; unknown ids are left out."""

    async def get_last_revised(self) -> datetime | None:
        """When the latest revision of any article was made, retractions among them."""

    async def rebuild(self, ids: Collection[str]) -> None:
        """Write the listings of these articles anew from what is stored of them. May be repeated.

        Needed only after damage: writes keep them right, also where a process dies in between.
        """
