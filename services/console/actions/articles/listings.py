"""Lists of articles, page by page. It reads no article, so that a list begins at once."""

from collections.abc import AsyncIterator
from typing import Final

from shared.store import Listing, ListingQuery, Position, Store

LISTINGS_AT_ONCE: Final = 2_000


async def iterate_listings(store: Store, query: ListingQuery) -> AsyncIterator[list[Listing]]:
    """The listings of a list in its order, in pages."""
    position: Position | None = None
    while page := await store.listings.find(query, position, LISTINGS_AT_ONCE):
        yield page
        position = page[-1].position
