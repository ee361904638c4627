"""The loop through the pages of a listing."""

from dataclasses import dataclass

from shared.store import pages
from shared.store.paging import take_page


@dataclass(frozen=True)
class Entry:
    page_key: str


class Listing:
    """A listing that records what it was asked for."""

    def __init__(self, keys: str) -> None:
        self.entries = [Entry(key) for key in keys]
        self.requests: list[tuple[str, int]] = []

    async def list_page(self, after: str, limit: int) -> list[Entry]:
        self.requests.append((after, limit))
        return [entry for entry in self.entries if entry.page_key > after][:limit]


async def load_pages(listing: Listing, size: int) -> list[str]:
    loaded = []
    async for page in pages(listing.list_page, size):
        loaded.append("".join(entry.page_key for entry in page))
    return loaded


async def test_every_page_begins_after_the_last_key_of_the_page_before():
    listing = Listing("abcde")
    assert await load_pages(listing, 2) == ["ab", "cd", "e"]
    assert listing.requests == [("", 2), ("b", 2), ("d", 2), ("e", 2)]


async def test_an_empty_listing_has_no_pages():
    assert await load_pages(Listing(""), 2) == []


async def test_entries_added_meanwhile_are_found_if_they_come_later():
    listing = Listing("ab")
    loaded = []
    async for page in pages(listing.list_page, 2):
        loaded += [entry.page_key for entry in page]
        if len(listing.entries) == 2:
            listing.entries.append(Entry("c"))
    assert loaded == ["a", "b", "c"]


def test_a_page_takes_as_many_entries_as_fit_into_it():
    sizes = {"a": 10, "b": 20, "c": 30, "d": 1}
    assert take_page(sizes, max_bytes=30) == ["a", "b"]
    assert take_page(sizes, max_bytes=100) == ["a", "b", "c", "d"]
    assert take_page({}, max_bytes=10) == []


def test_a_page_has_one_entry_however_large_it_is():
    assert take_page({"a": 100, "b": 1}, max_bytes=10) == ["a"]
