"""The check finds what is not sound, and mends what can be made anew."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.maintenance.integrity import Finding, Inspector
from shared.clock import now
from shared.store import Store, thumbnail_name
from tests.integration.images.conftest import a_jpeg, keep, measured

URL = "https://p.example/a.jpg"


@pytest.fixture
async def sha256(kept_store: Store, pool: Pool) -> str:
    content = a_jpeg()
    for url in (URL, f"{URL}?again"):
        await keep(pool, url, measured(content), kept_store)
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, sha256: str) -> Path:
    return tmp_path / "seedwire.db.pictures" / sha256[:2]


async def check(store: Store, pool: Pool, mend: bool = False) -> list[Finding]:
    inspector = Inspector(pool, now, mend)
    found = [finding async for finding in inspector.findings(store)]
    assert inspector.seen == 1
    return found


async def test_what_is_sound_has_no_findings(kept_store: Store, pool: Pool, sha256: str):
    assert await check(kept_store, pool) == []


async def test_bytes_that_are_gone_or_changed_are_found_and_cannot_be_mended(
    kept_store: Store, pool: Pool, sha256: str, folder: Path
):
    content = (folder / sha256).read_bytes()
    (folder / sha256).write_bytes(content[:-1] + b"x")
    for mend in (False, True):
        (finding,) = await check(kept_store, pool, mend)
        assert (finding.what, finding.mended) == ("its bytes are others than were kept", False)
    (folder / sha256).unlink()
    (finding,) = await check(kept_store, pool)
    assert (finding.sha256, finding.url, finding.what) == (sha256, URL, "its bytes are not there")


async def test_a_size_that_was_not_measured_so_is_found(kept_store: Store, pool: Pool, sha256: str):
    known = (await kept_store.pictures.get([URL]))[URL]
    await kept_store.pictures.save(replace(known, width=701))
    (finding,) = await check(kept_store, pool)
    assert "701 x 500" in finding.what
    assert "700 x 500" in finding.what


@pytest.mark.parametrize("harm", ["gone", "changed", "same length"])
async def test_a_thumbnail_that_is_not_sound_is_found_and_made_anew(
    kept_store: Store, pool: Pool, sha256: str, folder: Path, harm: str
):
    file = folder / thumbnail_name(sha256, 320)
    whole = file.read_bytes()
    file.unlink() if harm == "gone" else file.write_bytes(
        b"x" if harm == "changed" else bytes(len(whole))
    )
    (finding,) = await check(kept_store, pool)
    assert "its thumbnail of 320 pixels" in finding.what
    (mended,) = await check(kept_store, pool, mend=True)
    assert mended.mended
    assert file.read_bytes() == whole
    assert await check(kept_store, pool) == []


async def test_a_picture_kept_before_there_were_thumbnails_gets_them(
    kept_store: Store, pool: Pool, sha256: str
):
    await kept_store.contents.forget(sha256, now() + timedelta(hours=1))
    for width in (320, 640):
        await kept_store.bytes.delete(thumbnail_name(sha256, width), now() + timedelta(hours=1))
    (finding,) = await check(kept_store, pool)
    assert "no description" in finding.what
    assert (await check(kept_store, pool, mend=True))[0].mended
    assert [one.width for one in (await kept_store.contents.get([sha256]))[sha256].thumbnails] == [
        320,
        640,
    ]
