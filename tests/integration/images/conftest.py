"""What tests of stored pictures share: a store, real pictures, and a decoding pool."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.decoding.thumbnails import make_derivatives
from services.enrichment.images.fetch_outcome import VerifiedPicture
from services.enrichment.images.scheduling.fetch_job import FetchJob
from services.enrichment.images.storing.outcome_store import save_outcome
from shared.clock import now
from shared.store import Store, connect
from tests.integration.images.images_stage import FakeClock


def encode_jpeg(width: int = 700, height: int = 500, colour: str = "steelblue") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def as_verified(content: bytes, width: int = 700, height: int = 500) -> VerifiedPicture:
    derivatives = make_derivatives(content)
    return VerifiedPicture(content, "image/jpeg", width, height, 1, derivatives=derivatives)


async def store_picture(url: str, picture: VerifiedPicture, store: Store) -> None:
    """As the coordinator does."""
    await save_outcome(FetchJob(url, (), (), None), picture, now(), store)


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await store.open()
    yield store
    await store.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[DecodingPool]:
    """One process for all tests: it takes a second to start."""
    pool = DecodingPool(processes=1)
    yield pool
    asyncio.run(pool.close())


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """The store of this test run, of either kind."""
    store = connect(store_url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
