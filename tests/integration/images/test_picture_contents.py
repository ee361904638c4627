"""What is stored of a picture, in which order, and what a crash in between leaves."""

import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.decoding.thumbnails import (
    make_derivatives_in_pool,
    try_make_derivatives,
)
from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import (
    Failure,
    FailureKind,
    FetchOutcome,
    Validators,
)
from services.enrichment.images.fetching.fetch_keys import page_key
from services.enrichment.images.pages.page_metadata import PageMetadata
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from shared.clock import now
from shared.store import Store
from tests.integration.images.conftest import as_verified, encode_jpeg, store_picture

URL = "https://p.example/a.jpg"
PAGE_URL = "https://p.example/a"
WRITES = ("put", "save")
Fetch = Callable[[str, float, Validators], AbstractAsyncContextManager[FetchOutcome | PageMetadata]]


class Crash(Exception):
    """The process was killed."""


class CrashingStore:
    """A store whose process is killed at its n-th write, before it or after it."""

    def __init__(self, store: Store, writes: int, after: bool) -> None:
        self._writes_left = writes
        self._after = after
        self.pictures = CrashingPart(self, store.pictures)
        self.picture_bytes = CrashingPart(self, store.picture_bytes)
        self.contents = CrashingPart(self, store.contents)
        self.web_pages = CrashingPart(self, store.web_pages)

    async def write(self, call: Callable[[], Awaitable[Any]]) -> Any:
        self._writes_left -= 1
        if self._writes_left == 0 and not self._after:
            raise Crash
        result = await call()
        if self._writes_left == 0:
            raise Crash
        return result


class CrashingPart:
    def __init__(self, store: CrashingStore, part: object) -> None:
        self._store = store
        self._part = part

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)
        if name not in WRITES:
            return method
        return lambda *arguments: self._store.write(lambda: method(*arguments))


def always_fetch(outcome: FetchOutcome | PageMetadata) -> Fetch:
    @asynccontextmanager
    async def fetch(
        key: str, seconds: float, validators: Validators, store: Store
    ) -> AsyncIterator[FetchOutcome | PageMetadata]:
        yield outcome

    return fetch


async def test_original_thumbnails_and_description_are_stored_with_the_outcome(
    sqlite_store: Store,
):
    content = encode_jpeg()
    await store_picture(URL, as_verified(content), sqlite_store)
    picture = (await sqlite_store.pictures.get([URL]))[URL]
    assert picture.sha256 == hashlib.sha256(content).hexdigest()
    description = (await sqlite_store.contents.get([picture.sha256]))[picture.sha256]
    size = (description.width, description.height, description.size)
    assert size == (700, 500, len(content))
    assert description.colour.startswith("#")
    assert len(description.blurhash) == 28
    assert [thumbnail.width for thumbnail in description.thumbnails] == [320, 640]
    expected = {picture.sha256: len(content)}
    for thumbnail in description.thumbnails:
        expected[f"{picture.sha256}.{thumbnail.width}"] = thumbnail.size
    stored = await sqlite_store.picture_bytes.list_page()
    assert {entry.name: entry.size for entry in stored} == expected


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", [1, 2, 3, 4, 5])
async def test_a_crash_between_two_writes_leaves_no_reference_and_a_repeat_completes_it(
    sqlite_store: Store, writes: int, after: bool
):
    picture = as_verified(encode_jpeg())
    crashing = CrashingStore(sqlite_store, writes, after)
    with pytest.raises(Crash):
        await store_picture(URL, picture, crashing)  # type: ignore[arg-type]
    if outcomes := await sqlite_store.pictures.get([URL]):
        assert len(await sqlite_store.picture_bytes.list_page()) == 3
        assert await sqlite_store.contents.get([outcomes[URL].sha256])
    await store_picture(URL, picture, sqlite_store)
    assert len(await sqlite_store.picture_bytes.list_page()) == 3
    counts = await sqlite_store.pictures.counts()
    assert counts == {"cached": 1, "failed": 0, "contents": 1}


async def test_a_picture_without_derivatives_is_stored_without_a_description(sqlite_store: Store):
    verified = replace(as_verified(encode_jpeg()), derivatives=None)
    coordinator = FetchCoordinator(always_fetch(verified), RetryPolicy(), now, lambda: 1.0)
    await coordinator.fetch_all({URL: ["a1"]}, sqlite_store)
    picture = (await sqlite_store.pictures.get([URL]))[URL]
    assert picture.state == "cached"
    assert await sqlite_store.contents.get([picture.sha256]) == {}
    assert len(await sqlite_store.picture_bytes.list_page()) == 1


async def test_a_process_that_dies_makes_no_thumbnails():
    class DyingPool:
        async def run(self, work: object, content: bytes) -> object:
            raise DecodingProcessDied("it took too long")

    outcome = await make_derivatives_in_pool(encode_jpeg(), DyingPool())  # type: ignore[arg-type]
    assert isinstance(outcome, Failure)
    assert (outcome.kind, "it took too long" in outcome.reason) == (FailureKind.BROKEN, True)


def test_a_truncated_picture_has_no_thumbnails():
    outcome = try_make_derivatives(encode_jpeg()[:2000])
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.BROKEN


async def test_a_picture_whose_thumbnails_take_too_much_memory_is_too_large():
    content = io.BytesIO()
    Image.new("L", (7_000, 7_000)).save(content, "PNG")
    pool = DecodingPool(processes=1, memory=128 * 2**20)  # enough to verify it
    outcomes = [
        await PictureVerifier(pool).verify(content.getvalue()),
        await make_derivatives_in_pool(content.getvalue(), pool),
    ]
    await pool.close()
    expected = Failure(
        FailureKind.TOO_LARGE, "no thumbnail could be made: it takes too much memory"
    )
    assert outcomes == [expected, expected]


async def test_what_a_page_names_is_stored_apart_from_pictures(sqlite_store: Store):
    metadata = PageMetadata((URL,), "https://p.example/amp")
    coordinator = FetchCoordinator(always_fetch(metadata), RetryPolicy(), now, lambda: 1.0)
    await coordinator.fetch_all({page_key(PAGE_URL): ["a1"]}, sqlite_store)
    page = (await sqlite_store.web_pages.get([PAGE_URL]))[PAGE_URL]
    assert (page.state, page.images, page.amp_url) == ("read", (URL,), "https://p.example/amp")
    assert await sqlite_store.pictures.list_page() == []
    assert await coordinator.find_missing([page_key(PAGE_URL)], sqlite_store) == set()


async def test_the_failure_of_a_page_is_stored_apart_from_pictures(sqlite_store: Store):
    failure = Failure(FailureKind.ROBOTS, "no")
    coordinator = FetchCoordinator(always_fetch(failure), RetryPolicy(), now, lambda: 1.0)
    await coordinator.fetch_all({page_key(PAGE_URL): ["a1"]}, sqlite_store)
    page = (await sqlite_store.web_pages.get([PAGE_URL]))[PAGE_URL]
    assert (page.state, page.images, page.reason) == ("failed", (), "robots: no")
    assert await sqlite_store.pictures.list_page() == []
    assert await coordinator.find_missing([page_key(PAGE_URL)], sqlite_store) == set()
