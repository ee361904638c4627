"""The one loop that goes through a listing of the store page by page, and how large a page is."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final, Protocol, TypeVar

PAGE_SIZE = 500
# So much of a page's content is in memory at once; an entry alone may be larger.
MAX_PAGE_BYTES: Final = 32 << 20


class Listed(Protocol):
    """An entry of a listing."""

    @property
    def page_key(self) -> str:
        """The listing is in the order of these keys.

        The next page begins after the key of the last entry.
        """


Entry = TypeVar("Entry", bound=Listed)

ListPage = Callable[[str, int], Awaitable[list[Entry]]]


async def pages(list_page: ListPage[Entry], size: int = PAGE_SIZE) -> AsyncIterator[list[Entry]]:
    """All entries of a listing, in pages of up to *size*; no page is empty.

    *list_page* takes the key to begin after and the greatest number of entries, as `list_page` of a
    part of the store does. Entries that are written meanwhile may or may not appear.
    """
    after = ""
    while page := await list_page(after, size):
        yield page
        after = page[-1].page_key


def take_page(sizes: Mapping[str, int], max_bytes: int = MAX_PAGE_BYTES) -> list[str]:
    """The first keys of *sizes* whose bytes together fit into a page; at least the first."""
    keys: list[str] = []
    total = 0
    for key, size in sizes.items():
        total += size
        if keys and total > max_bytes:
            break
        keys.append(key)
    return keys
