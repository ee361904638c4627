"""What tests of kept pictures share: a store, real pictures, and a pool."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.fetching.fetch_outcome import Measured
from services.enrichment.images.storing.image_store import Keeper
from shared.clock import now
from shared.store import Picture, Store, connect


def a_jpeg(width: int = 700, height: int = 500, colour: str = "steelblue") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def measured(content: bytes, width: int = 700, height: int = 500) -> Measured:
    return Measured(content, "image/jpeg", width, height, 1)


async def keep(pool: Pool, url: str, picture: Measured, store: Store) -> None:
    """As the desk does: what belongs to the picture, then its outcome."""
    at = now()
    prepared = await Keeper(pool).prepare(picture, at, store)
    assert isinstance(prepared, Measured)
    sha256 = hashlib.sha256(picture.content).hexdigest()
    sizes = (picture.width, picture.height, picture.frames, len(picture.content))
    await store.pictures.save(
        Picture(url, "cached", at, "", sha256, picture.media_type, *sizes), picture.content
    )


@pytest.fixture
async def kept_store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    """One process for all tests: it takes a second to start."""
    made = Pool(processes=1)
    yield made
    asyncio.run(made.close())
