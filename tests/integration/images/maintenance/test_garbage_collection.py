"""What nothing refers to is deleted after a grace period, and nothing else, also beside workers."""

import asyncio
import hashlib
from datetime import datetime, timedelta

import pytest

from services.enrichment.images.maintenance.garbage_collection import collect_orphans
from shared.clock import now
from shared.store import Picture, Store, thumbnail_name
from tests.integration.images.conftest import as_verified, encode_jpeg, store_picture

URL = "https://p.example/a.jpg"
FAILED = Picture(URL, "failed", now(), "not-found: 404")
ORPHAN = "0f" * 32


def in_an_hour() -> datetime:
    """A time by which everything stored now is old."""
    return now() + timedelta(hours=1)


async def collect(store: Store, before: datetime, remove: bool = True) -> list[str]:
    """The names of the orphans."""
    return [orphan.name async for orphan in collect_orphans(store, before, remove)]


async def list_names(store: Store) -> list[str]:
    return [stored.name for stored in await store.picture_bytes.list_page()]


@pytest.fixture
async def sha256(sqlite_store: Store) -> str:
    """Of a stored picture."""
    content = encode_jpeg()
    await store_picture(URL, as_verified(content), sqlite_store)
    return hashlib.sha256(content).hexdigest()


async def test_bytes_that_a_picture_refers_to_are_never_deleted(sqlite_store: Store, sha256: str):
    before = await list_names(sqlite_store)
    assert await collect(sqlite_store, in_an_hour()) == []
    assert await list_names(sqlite_store) == before
    assert sha256 in before


async def test_an_unreferenced_original_is_deleted_with_its_thumbnails_and_description(
    sqlite_store: Store, sha256: str
):
    await sqlite_store.pictures.save(FAILED)
    thumbnails = [thumbnail_name(sha256, 320), thumbnail_name(sha256, 640)]
    expected = [sha256, *thumbnails, sha256]
    assert await collect(sqlite_store, in_an_hour(), remove=False) == expected
    assert len(await list_names(sqlite_store)) == 3
    assert await collect(sqlite_store, in_an_hour()) == expected
    assert await list_names(sqlite_store) == []
    assert await sqlite_store.contents.list_page() == []
    assert await collect(sqlite_store, in_an_hour()) == []


async def test_young_bytes_are_spared(sqlite_store: Store, sha256: str):
    await sqlite_store.pictures.save(FAILED)
    assert await collect(sqlite_store, now() - timedelta(hours=1)) == []
    assert len(await list_names(sqlite_store)) == 3


async def test_a_thumbnail_without_its_original_is_deleted(sqlite_store: Store, sha256: str):
    assert await sqlite_store.picture_bytes.delete(sha256, in_an_hour())
    thumbnails = [thumbnail_name(sha256, 320), thumbnail_name(sha256, 640)]
    assert await collect(sqlite_store, in_an_hour()) == thumbnails


async def test_a_thumbnail_of_an_obsolete_width_is_deleted(sqlite_store: Store, sha256: str):
    obsolete = thumbnail_name(sha256, 200)
    await sqlite_store.picture_bytes.put(obsolete, b"of an older version")
    assert await collect(sqlite_store, in_an_hour()) == [obsolete]


async def test_files_of_others_are_left_alone(sqlite_store: Store):
    for name in ("notes.txt", "ab", ORPHAN.upper()):
        await sqlite_store.picture_bytes.put(name, b"somebody else's")
    assert await collect(sqlite_store, in_an_hour()) == []
    assert len(await list_names(sqlite_store)) == 3


async def test_bytes_put_again_between_look_and_deletion_are_spared(sqlite_store: Store):
    """A worker fetches the same picture again at the worst moment."""
    await sqlite_store.picture_bytes.put(ORPHAN, b"bytes")
    before = now() + timedelta(milliseconds=200)
    await asyncio.sleep(0.5)  # until it is old
    delete = sqlite_store.picture_bytes.delete

    async def put_then_delete(name: str, stored_before: datetime) -> bool:
        await sqlite_store.picture_bytes.put(ORPHAN, b"bytes")
        return await delete(name, stored_before)

    sqlite_store.picture_bytes.delete = put_then_delete  # type: ignore[method-assign]
    assert await collect(sqlite_store, before) == []
    assert await list_names(sqlite_store) == [ORPHAN]


async def test_collecting_beside_workers_never_loses_what_they_store(
    sqlite_store: Store,
):
    """Without any grace period every outcome has its original in the end.

    Only leftovers of half-done writes do need a grace period, so none are collected here.
    """

    async def sweep_nothing(begun_before: datetime, remove: bool) -> int:
        return 0

    sqlite_store.picture_bytes.sweep_leftovers = sweep_nothing  # type: ignore[method-assign]
    is_done = asyncio.Event()

    async def collect_all_the_time() -> None:
        while not is_done.is_set():
            await collect(sqlite_store, now())
            await asyncio.sleep(0)

    collecting = asyncio.create_task(collect_all_the_time())
    for number in range(12):
        verified = as_verified(encode_jpeg(200 + number, 100), 200 + number, 100)
        for _ in range(2):
            await store_picture(f"{URL}?{number}", verified, sqlite_store)
    is_done.set()
    await collecting
    pictures = await sqlite_store.pictures.list_page()
    assert len(pictures) == 12
    for picture in pictures:
        assert await sqlite_store.picture_bytes.get_size(picture.sha256) == picture.size
