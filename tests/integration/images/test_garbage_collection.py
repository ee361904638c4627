"""What nothing refers to is collected after a grace time, and nothing else, whoever works meanwhile."""

import asyncio
import hashlib
from datetime import datetime, timedelta

import pytest

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.maintenance.garbage_collection import orphans
from shared.clock import now
from shared.store import Picture, Store, thumbnail_name
from tests.integration.images.conftest import a_jpeg, keep, measured

URL = "https://p.example/a.jpg"
FAILED = Picture(URL, "failed", now(), "not-found: 404")
ORPHAN = "0f" * 32


def later(hours: float = 1):
    """A time by which all that is kept now is old."""
    return now() + timedelta(hours=hours)


async def found(store: Store, before, remove: bool = True) -> list[str]:
    return [orphan.name async for orphan in orphans(store, before, remove)]


@pytest.fixture
async def sha256(kept_store: Store, pool: Pool) -> str:
    """A kept picture."""
    content = a_jpeg()
    await keep(pool, URL, measured(content), kept_store)
    return hashlib.sha256(content).hexdigest()


async def names(store: Store) -> list[str]:
    return [kept.name for kept in await store.bytes.page()]


async def test_what_a_picture_refers_to_is_never_deleted(kept_store: Store, sha256: str):
    before = await names(kept_store)
    assert await found(kept_store, later()) == []
    assert await names(kept_store) == before
    assert sha256 in before


async def test_what_nothing_refers_to_is_deleted_with_all_that_was_made_of_it(
    kept_store: Store, sha256: str
):
    await kept_store.pictures.save(FAILED)
    expected = [sha256, thumbnail_name(sha256, 320), thumbnail_name(sha256, 640), sha256]
    assert await found(kept_store, later(), remove=False) == expected
    assert len(await names(kept_store)) == 3
    assert await found(kept_store, later()) == expected
    assert await names(kept_store) == []
    assert await kept_store.contents.page() == []
    assert await found(kept_store, later()) == []


async def test_what_is_young_is_spared(kept_store: Store, sha256: str):
    await kept_store.pictures.save(FAILED)
    assert await found(kept_store, now() - timedelta(hours=1)) == []
    assert len(await names(kept_store)) == 3


async def test_a_thumbnail_without_its_original_is_deleted(kept_store: Store, sha256: str):
    assert await kept_store.bytes.delete(sha256, later())
    assert await found(kept_store, later()) == [
        thumbnail_name(sha256, 320),
        thumbnail_name(sha256, 640),
    ]


async def test_a_thumbnail_of_a_width_that_is_made_no_more_is_deleted(
    kept_store: Store, sha256: str
):
    await kept_store.bytes.put(thumbnail_name(sha256, 200), b"of an older version")
    assert await found(kept_store, later()) == [thumbnail_name(sha256, 200)]


async def test_what_is_not_ours_is_left_alone(kept_store: Store):
    for name in ("notes.txt", "ab", ORPHAN.upper()):
        await kept_store.bytes.put(name, b"somebody's")
    assert await found(kept_store, later()) == []
    assert len(await names(kept_store)) == 3


async def test_what_is_put_again_between_the_look_and_the_deletion_is_spared(kept_store: Store):
    """A worker fetches the same picture again at the worst moment."""
    await kept_store.bytes.put(ORPHAN, b"bytes")
    before = now() + timedelta(milliseconds=200)
    await asyncio.sleep(0.5)  # until it is old; the look below finds it so
    looked = orphans(kept_store, before, remove=True)
    original = kept_store.bytes.delete

    async def put_then_delete(name, kept_before):
        await kept_store.bytes.put(ORPHAN, b"bytes")
        return await original(name, kept_before)

    kept_store.bytes.delete = put_then_delete  # type: ignore[method-assign]
    assert [orphan.name async for orphan in looked] == []
    assert await names(kept_store) == [ORPHAN]


async def test_collecting_beside_workers_never_loses_what_they_keep(kept_store: Store, pool: Pool):
    """With no grace at all: whatever is saved has its original in the end. (What is half written does need a grace.)"""

    async def none(before: datetime, remove: bool) -> int:
        return 0

    kept_store.bytes.leftovers = none  # type: ignore[method-assign]
    contents = [a_jpeg(200 + number, 100) for number in range(12)]
    done = asyncio.Event()

    async def collect():
        while not done.is_set():
            await found(kept_store, now())
            await asyncio.sleep(0)

    collecting = asyncio.create_task(collect())
    for number, content in enumerate(contents):
        for _ in range(2):
            await keep(pool, f"{URL}?{number}", measured(content, 200 + number, 100), kept_store)
    done.set()
    await collecting
    pictures = await kept_store.pictures.page()
    assert len(pictures) == 12
    assert all(
        [await kept_store.bytes.size(picture.sha256) == picture.size for picture in pictures]
    )
