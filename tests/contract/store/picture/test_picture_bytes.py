"""The contract of what keeps the bytes of pictures: files, GridFS, an S3-compatible bucket."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.errors import SettingsError, StoreUnavailable
from shared.store import PictureBytes, connect, thumbnail_name
from shared.store.blobs.files import FileBytes
from shared.store.blobs.s3 import BucketBytes
from tests.conftest import start_mongo_stand_in
from tests.contract.store.picture.bucket import start_bucket

BYTES = bytes(range(256)) * 40
SHA = hashlib.sha256(BYTES).hexdigest()
SOON, LONG_AGO = timedelta(minutes=5), timedelta(days=1)


@pytest.fixture(scope="module", params=["files", "gridfs", "s3"])
def base_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if request.param == "files":
        yield f"sqlite:///{tmp_path_factory.mktemp('bytes')}"
    elif request.param == "gridfs":
        with start_mongo_stand_in(tmp_path_factory.mktemp("mongo")) as settings:
            yield settings["SEEDWIRE_STORE"].rpartition("/")[0]
    else:
        with start_bucket() as url:
            yield url


@pytest.fixture
async def handles(
    base_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[PictureBytes, PictureBytes]]:
    """Two handles on the same bytes, as two processes have."""
    name = uuid.uuid4().hex
    store_url, pictures_url = f"{base_url}/{name}", ""
    if base_url.startswith("s3://"):
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        bucket, _, query = base_url.partition("?")
        store_url, pictures_url = f"sqlite:///{tmp_path}/{name}", f"{bucket}/{name}?{query}"
    first, second = connect(store_url, pictures_url), connect(store_url, pictures_url)
    await first.open()
    await second.open()
    yield first.picture_bytes, second.picture_bytes
    await first.close()
    await second.close()


@pytest.fixture
def picture_bytes(handles: tuple[PictureBytes, PictureBytes]) -> PictureBytes:
    return handles[0]


@pytest.fixture
def other(handles: tuple[PictureBytes, PictureBytes]) -> PictureBytes:
    return handles[1]


def soon() -> datetime:
    return datetime.now(UTC) + SOON


async def names(picture_bytes: PictureBytes) -> list[str]:
    return [entry.name for entry in await picture_bytes.list_page()]


async def test_what_is_put_comes_back_byte_for_byte(
    picture_bytes: PictureBytes, other: PictureBytes
):
    await picture_bytes.put(SHA, BYTES)
    assert await other.get(SHA) == BYTES
    assert await other.get_size(SHA) == len(BYTES)


async def test_what_is_not_there_is_none(picture_bytes: PictureBytes):
    assert await picture_bytes.get("00" * 32) is None
    assert await picture_bytes.get_size("00" * 32) is None
    assert await picture_bytes.list_page() == []
    assert not await picture_bytes.delete("00" * 32, soon())


async def test_putting_it_again_keeps_it_once(picture_bytes: PictureBytes, other: PictureBytes):
    for writer in (picture_bytes, other, picture_bytes):
        await writer.put(SHA, BYTES)
    assert await names(picture_bytes) == [SHA]
    assert await picture_bytes.sweep_leftovers(soon(), remove=False) == 0


async def test_concurrent_writers_leave_one_and_no_leftovers(
    picture_bytes: PictureBytes, other: PictureBytes
):
    large = BYTES * 100
    name = hashlib.sha256(large).hexdigest()
    await asyncio.gather(*(writer.put(name, large) for writer in (picture_bytes, other) * 4))
    entries = await picture_bytes.list_page()
    assert [(entry.name, entry.size) for entry in entries] == [(name, len(large))]
    assert await other.get(name) == large
    assert await picture_bytes.sweep_leftovers(soon(), remove=False) == 0


async def test_bytes_of_another_length_are_replaced(
    picture_bytes: PictureBytes, other: PictureBytes
):
    await picture_bytes.put(SHA, BYTES[:100])
    await other.put(SHA, BYTES)
    assert await picture_bytes.get(SHA) == BYTES
    assert await picture_bytes.sweep_leftovers(soon(), remove=False) == 0


async def test_a_listing_goes_by_name_thumbnails_after_their_original(
    picture_bytes: PictureBytes,
):
    first, second = "0a" * 32, "0b" * 32
    expected = [first, thumbnail_name(first, 320), thumbnail_name(first, 640), second]
    for name in reversed(expected):
        await picture_bytes.put(name, BYTES)
    page = await picture_bytes.list_page(limit=3)
    assert [entry.name for entry in page] == expected[:3]
    assert [entry.sha256 for entry in page] == [first] * 3
    assert [entry.is_original for entry in page] == [True, False, False]
    rest = await picture_bytes.list_page(after=expected[1])
    assert [entry.name for entry in rest] == expected[2:]
    assert abs(page[0].stored_at - datetime.now(UTC)) < SOON


async def test_a_deletion_spares_what_was_put_since(picture_bytes: PictureBytes):
    await picture_bytes.put(SHA, BYTES)
    assert not await picture_bytes.delete(SHA, datetime.now(UTC) - LONG_AGO)
    assert await picture_bytes.get(SHA) == BYTES
    assert await picture_bytes.delete(SHA, soon())
    assert await picture_bytes.get(SHA) is None
    await picture_bytes.put(SHA, BYTES)
    assert await picture_bytes.get(SHA) == BYTES


async def test_15_mb_are_kept(picture_bytes: PictureBytes):
    large = bytes(range(256)) * (15 * 4096)
    await picture_bytes.put(SHA, large)
    assert await picture_bytes.get(SHA) == large


async def test_what_a_writer_left_half_way_is_found_and_removed(tmp_path: Path):
    files = FileBytes(tmp_path / "pictures")
    await files.put(SHA, BYTES)
    (tmp_path / "pictures" / SHA[:2] / ".half").write_bytes(BYTES[:7])
    assert await names(files) == [SHA]
    assert await files.sweep_leftovers(datetime.now(UTC) - LONG_AGO, remove=True) == 0
    assert await files.sweep_leftovers(soon(), remove=False) == 1
    assert await files.sweep_leftovers(soon(), remove=True) == 1
    assert await files.sweep_leftovers(soon(), remove=True) == 0
    assert await files.get(SHA) == BYTES


async def test_a_folder_that_cannot_be_written_makes_the_store_unavailable(tmp_path: Path):
    (tmp_path / "pictures").write_text("a file where a folder should be")
    with pytest.raises(StoreUnavailable, match="disk is full"):
        await FileBytes(tmp_path / "pictures").put(SHA, BYTES)


@pytest.mark.parametrize("url", ["s3://", "s3://bucket?password=x", "s3://user:pw@bucket/x"])
def test_a_malformed_bucket_url_is_a_wrong_setting(url: str):
    with pytest.raises(SettingsError, match="SEEDWIRE_PICTURES"):
        BucketBytes(url)


def test_a_bucket_without_its_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shared.store.blobs.s3.obstore", None)
    with pytest.raises(SettingsError, match=r"pip install -e '\.\[s3\]'"):
        BucketBytes("s3://bucket")


def test_a_url_of_another_scheme_is_a_wrong_setting():
    with pytest.raises(SettingsError, match="must start with s3://"):
        connect("sqlite:///x", "ftp://bucket")


async def test_a_bucket_that_does_not_answer_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(StoreUnavailable, match="s3://bucket/"):
        await BucketBytes(f"s3://bucket?endpoint=http://127.0.0.1:{unused_tcp_port}").open()
