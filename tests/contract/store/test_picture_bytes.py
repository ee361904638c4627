"""The contract of the places where bytes of pictures are kept: files, GridFS, an S3-compatible bucket."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.errors import SettingsError, StoreAway
from shared.store import PictureBytes, connect, thumbnail_name
from shared.store.blobs.files import FileBytes
from shared.store.blobs.s3 import BucketBytes
from tests.conftest import mongo_stand_in
from tests.contract.store.bucket import a_bucket

BYTES = bytes(range(256)) * 40
SHA = hashlib.sha256(BYTES).hexdigest()
SOON, LONG_AGO = timedelta(minutes=5), timedelta(days=1)


@pytest.fixture(scope="module", params=["files", "gridfs", "s3"])
def where(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if request.param == "files":
        yield f"sqlite:///{tmp_path_factory.mktemp('bytes')}"
    elif request.param == "gridfs":
        with mongo_stand_in(tmp_path_factory.mktemp("mongo")) as settings:
            yield settings["SEEDWIRE_STORE"].rpartition("/")[0]
    else:
        with a_bucket() as url:
            yield url


@pytest.fixture
async def both(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[PictureBytes, PictureBytes]]:
    """Two handles on one new place, as two processes have."""
    name = uuid.uuid4().hex
    if where.startswith("s3://"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        bucket, _, query = where.partition("?")
        stores = [
            connect(f"sqlite:///{tmp_path}/{name}", f"{bucket}/{name}?{query}") for _ in range(2)
        ]
    else:
        stores = [connect(f"{where}/{name}") for _ in range(2)]
    for store in stores:
        await store.open()
    yield stores[0].bytes, stores[1].bytes
    for store in stores:
        await store.close()


@pytest.fixture
def place(both: tuple[PictureBytes, PictureBytes]) -> PictureBytes:
    return both[0]


@pytest.fixture
def other(both: tuple[PictureBytes, PictureBytes]) -> PictureBytes:
    return both[1]


def soon() -> datetime:
    return datetime.now(UTC) + SOON


async def test_what_is_put_comes_back_byte_for_byte(place: PictureBytes, other: PictureBytes):
    await place.put(SHA, BYTES)
    assert await other.get(SHA) == BYTES
    assert await other.size(SHA) == len(BYTES)


async def test_what_is_not_there_is_none(place: PictureBytes):
    assert await place.get("00" * 32) is None
    assert await place.size("00" * 32) is None
    assert await place.page() == []
    assert not await place.delete("00" * 32, soon())


async def test_putting_it_again_keeps_it_once(place: PictureBytes, other: PictureBytes):
    for writer in (place, other, place):
        await writer.put(SHA, BYTES)
    assert [kept.name for kept in await place.page()] == [SHA]
    assert await place.leftovers(soon(), remove=False) == 0


async def test_writers_at_once_leave_one_and_no_rest(place: PictureBytes, other: PictureBytes):
    large = BYTES * 100
    name = hashlib.sha256(large).hexdigest()
    await asyncio.gather(*(writer.put(name, large) for writer in (place, other) * 4))
    assert [(kept.name, kept.size) for kept in await place.page()] == [(name, len(large))]
    assert await other.get(name) == large
    assert await place.leftovers(soon(), remove=False) == 0


async def test_what_is_there_with_another_length_is_replaced(
    place: PictureBytes, other: PictureBytes
):
    await place.put(SHA, BYTES[:100])
    await other.put(SHA, BYTES)
    assert await place.get(SHA) == BYTES
    assert await place.leftovers(soon(), remove=False) == 0


async def test_it_comes_in_pages_by_name_thumbnails_after_their_original(place: PictureBytes):
    first, second = "0a" * 32, "0b" * 32
    names = [first, thumbnail_name(first, 320), thumbnail_name(first, 640), second]
    for name in reversed(names):
        await place.put(name, BYTES)
    page = await place.page(limit=3)
    assert [kept.name for kept in page] == names[:3]
    assert [kept.sha256 for kept in page] == [first] * 3
    assert [kept.is_original for kept in page] == [True, False, False]
    assert [kept.name for kept in await place.page(after=names[1])] == names[2:]
    assert abs(page[0].kept_at - datetime.now(UTC)) < SOON


async def test_a_deletion_spares_what_was_put_since(place: PictureBytes):
    await place.put(SHA, BYTES)
    assert not await place.delete(SHA, datetime.now(UTC) - LONG_AGO)
    assert await place.get(SHA) == BYTES
    assert await place.delete(SHA, soon())
    assert await place.get(SHA) is None
    await place.put(SHA, BYTES)
    assert await place.get(SHA) == BYTES


async def test_15_mb_are_kept(place: PictureBytes):
    large = bytes(range(256)) * (15 * 4096)
    await place.put(SHA, large)
    assert await place.get(SHA) == large


async def test_what_a_writer_left_half_way_is_found_and_removed(tmp_path: Path):
    files = FileBytes(tmp_path / "pictures")
    await files.put(SHA, BYTES)
    (tmp_path / "pictures" / SHA[:2] / ".half").write_bytes(BYTES[:7])
    assert [kept.name for kept in await files.page()] == [SHA]
    assert await files.leftovers(datetime.now(UTC) - LONG_AGO, remove=True) == 0
    assert await files.leftovers(soon(), remove=False) == 1
    assert await files.leftovers(soon(), remove=True) == 1
    assert await files.leftovers(soon(), remove=True) == 0
    assert await files.get(SHA) == BYTES


async def test_a_full_disk_is_a_store_that_is_away(tmp_path: Path):
    (tmp_path / "pictures").write_text("a file where a folder should be")
    with pytest.raises(StoreAway, match="disk full"):
        await FileBytes(tmp_path / "pictures").put(SHA, BYTES)


@pytest.mark.parametrize("url", ["s3://", "s3://bucket?password=x", "s3://user:pw@bucket/x"])
def test_a_bucket_that_is_none_is_a_wrong_setting(url: str):
    with pytest.raises(SettingsError, match="SEEDWIRE_PICTURES"):
        BucketBytes(url)


def test_a_place_of_another_kind_is_a_wrong_setting():
    with pytest.raises(SettingsError, match="must start with s3://"):
        connect("sqlite:///x", "ftp://bucket")


async def test_a_bucket_that_does_not_answer_is_away(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(StoreAway, match="s3://bucket/"):
        await BucketBytes(f"s3://bucket?endpoint=http://127.0.0.1:{unused_tcp_port}").open()
