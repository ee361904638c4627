"""Which fetcher a fetch key goes to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.enrichment.images.fetch_outcome import NO_VALIDATORS, RetryLater, Validators
from services.enrichment.images.fetching.fetch_keys import host_of_key, page_key, url_of
from services.enrichment.images.fetching.fetch_router import FetchRouter

URL = "https://paper.example/a"
KNOWN = Validators('"1"')
STORE: Any = object()  # passed on


class FakeFetcher:
    """Yields its name; keeps what it was called with."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.calls: list[tuple[Any, ...]] = []

    @asynccontextmanager
    async def fetch(self, *arguments: Any) -> AsyncIterator[str]:
        self.calls.append(arguments)
        yield self.name

    def refusal(self, url: str) -> RetryLater:
        return RetryLater(f"{url} is refused")


@pytest.fixture
def pictures() -> FakeFetcher:
    return FakeFetcher("pictures")


@pytest.fixture
def pages() -> FakeFetcher:
    return FakeFetcher("pages")


@pytest.fixture
def router(pictures: FakeFetcher, pages: FakeFetcher) -> FetchRouter:
    return FetchRouter(FakeFetcher("web"), pictures, pages)  # type: ignore[arg-type]


async def test_a_url_is_fetched_as_a_picture(router, pictures):
    async with router.fetch(URL, 3, KNOWN, STORE) as outcome:
        assert outcome == "pictures"
    assert pictures.calls == [(URL, 3, KNOWN, STORE)]


async def test_a_page_key_is_fetched_as_a_page(router, pages):
    async with router.fetch(page_key(URL), 3, NO_VALIDATORS, STORE) as outcome:
        assert outcome == "pages"
    assert pages.calls == [(URL, 3)]


@pytest.mark.parametrize("key", [URL, page_key(URL)])
def test_both_kinds_of_key_have_the_url_and_the_host_of_their_request(router, key):
    assert url_of(key) == URL
    assert host_of_key(key) == "paper.example"
    assert str(router.refusal(key)) == f"{URL} is refused"


def test_the_prefix_of_page_keys_is_the_one_in_stored_data():
    assert page_key(URL) == f"page:{URL}"
