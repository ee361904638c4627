"""The check finds unsound pictures, and repairs what can be made again."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.maintenance.integrity import Finding, IntegrityChecker
from shared.clock import now
from shared.store import Store, thumbnail_name
from tests.integration.images.conftest import as_verified, encode_jpeg, store_picture
from tests.integration.images.decoding import pool_work

URL = "https://p.example/a.jpg"


@pytest.fixture
async def sha256(sqlite_store: Store) -> str:
    """Of a stored picture that two URLs show."""
    content = encode_jpeg()
    for url in (URL, f"{URL}?again"):
        await store_picture(url, as_verified(content), sqlite_store)
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, sha256: str) -> Path:
    """Where its bytes are."""
    return tmp_path / "seedwire.db.pictures" / sha256[:2]


async def check(store: Store, pool: DecodingPool, repair: bool = False) -> list[Finding]:
    checker = IntegrityChecker(pool, now, repair)
    findings = [finding async for finding in checker.check_pictures(store)]
    assert checker.checked == 1
    return findings


async def test_a_sound_picture_has_no_findings(
    sqlite_store: Store, pool: DecodingPool, sha256: str
):
    assert await check(sqlite_store, pool) == []


async def test_missing_or_changed_bytes_are_found_and_cannot_be_repaired(
    sqlite_store: Store, pool: DecodingPool, sha256: str, folder: Path
):
    content = (folder / sha256).read_bytes()
    (folder / sha256).write_bytes(content[:-1] + b"x")
    for repair in (False, True):
        (finding,) = await check(sqlite_store, pool, repair)
        assert "another SHA-256" in finding.what
        assert not finding.is_repaired
    (folder / sha256).unlink()
    (finding,) = await check(sqlite_store, pool)
    assert finding == Finding(sha256, URL, "its bytes are missing")


async def test_a_wrong_size_on_record_is_found(
    sqlite_store: Store, pool: DecodingPool, sha256: str
):
    picture = (await sqlite_store.pictures.get([URL]))[URL]
    await sqlite_store.pictures.save(replace(picture, width=701))
    (finding,) = await check(sqlite_store, pool)
    assert "701 x 500" in finding.what
    assert "700 x 500" in finding.what


@pytest.mark.parametrize("harm", ["missing", "shorter", "same length"])
async def test_an_unsound_thumbnail_is_found_and_made_again(
    sqlite_store: Store, pool: DecodingPool, sha256: str, folder: Path, harm: str
):
    file = folder / thumbnail_name(sha256, 320)
    sound = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        file.write_bytes(b"x" if harm == "shorter" else bytes(len(sound)))
    (finding,) = await check(sqlite_store, pool)
    assert "its thumbnail of 320 pixels" in finding.what
    (repaired,) = await check(sqlite_store, pool, repair=True)
    assert repaired.is_repaired
    assert file.read_bytes() == sound
    assert await check(sqlite_store, pool) == []


async def test_a_picture_stored_before_there_were_thumbnails_gets_them(
    sqlite_store: Store, pool: DecodingPool, sha256: str
):
    in_an_hour = now() + timedelta(hours=1)
    await sqlite_store.contents.delete(sha256, in_an_hour)
    for width in (320, 640):
        await sqlite_store.picture_bytes.delete(thumbnail_name(sha256, width), in_an_hour)
    (finding,) = await check(sqlite_store, pool)
    assert "no description" in finding.what
    (repaired,) = await check(sqlite_store, pool, repair=True)
    assert repaired.is_repaired
    content = (await sqlite_store.contents.get([sha256]))[sha256]
    assert [thumbnail.width for thumbnail in content.thumbnails] == [320, 640]


async def test_the_decoding_processes_end_with_the_check():
    pool = DecodingPool(processes=1)
    process = await pool.run(pool_work.process_id, b"")
    await IntegrityChecker(pool, now, repair=False).close()
    assert not Path(f"/proc/{process}").exists()
