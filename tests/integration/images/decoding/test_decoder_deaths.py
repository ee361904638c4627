"""What ends the process that decodes it, or its worker, is tried twice and then given up."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.enrichment.images.decoding.crash_counts import CountedDecoder, DecodingGivenUp
from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import Failure, RetryLater, VerifiedPicture
from shared.errors import StoreUnavailable
from shared.store import Store
from tests.conftest import ROOT
from tests.integration.images.conftest import encode_jpeg
from tests.integration.images.decoding import pool_work
from tests.integration.images.decoding.test_decoding_limits import make_jpeg_of_many_scans

URL = "https://h.example/bomb.jpg"


@pytest.fixture
async def hasty_pool() -> AsyncIterator[DecodingPool]:
    """A pool that gives each picture one second, and then kills its process."""
    pool = DecodingPool(processes=1, seconds=1)
    yield pool
    await pool.close()


async def list_counts(store: Store) -> list[int]:
    return [failure.count for failure in await store.failure_counts.list_page()]


async def test_a_picture_that_kills_its_process_is_tried_once_more_and_then_fails_with_the_reason(
    hasty_pool: DecodingPool, sqlite_store: Store
):
    verifier = PictureVerifier(hasty_pool)
    bomb = make_jpeg_of_many_scans(3_000)
    first = await verifier.verify(bomb, URL, sqlite_store)
    assert isinstance(first, RetryLater)
    assert not first.is_host_failure
    for _ in range(2):
        outcome = await verifier.verify(bomb, URL, sqlite_store)
        assert isinstance(outcome, Failure)
        assert "it ended the process that decoded it 2 times" in outcome.reason
    picture = await verifier.verify(encode_jpeg(), "https://h.example/photo.jpg", sqlite_store)
    assert isinstance(picture, VerifiedPicture)
    assert await list_counts(sqlite_store) == [2]


def run_worker(store: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tests.integration.images.decoding.decode_once",
        f"sqlite:///{store}",
    ]
    return subprocess.run([*command, *names], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_picture_that_kills_its_worker_is_given_up_by_the_third_one(tmp_path: Path):
    """And what is decoded beside it both times is not: it is decoded alone in between."""
    store = tmp_path / "seedwire.db"
    for _ in range(2):
        assert run_worker(store, "bomb", "photo").returncode == -signal.SIGKILL
    third = run_worker(store, "bomb", "photo")
    assert third.stdout.splitlines() == [
        "bomb: it ended the process that decoded it 2 times; the worker ended with it, "
        "perhaps for lack of memory",
        "photo: 5 bytes",
    ], third.stderr


async def test_what_was_decoded_although_the_store_lost_the_answer_is_not_held_against_it(
    pool: DecodingPool, sqlite_store: Store
):
    class ForgetfulCounts:
        def __getattr__(self, name: str) -> object:
            return getattr(sqlite_store.failure_counts, name)

        async def remove(self, subjects: object) -> None:
            raise StoreUnavailable("gone")

    class ForgetfulStore:
        failure_counts = ForgetfulCounts()

    decoder = CountedDecoder(pool)
    for _ in range(4):
        with pytest.raises(StoreUnavailable):
            await decoder.run(pool_work.count_bytes, b"four", URL, ForgetfulStore())  # type: ignore[arg-type]
    assert await decoder.run(pool_work.count_bytes, b"four", URL, sqlite_store) == 4
    assert await list_counts(sqlite_store) == []


async def test_an_error_of_the_work_itself_is_no_death(pool: DecodingPool, sqlite_store: Store):
    decoder = CountedDecoder(pool)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await decoder.run(pool_work.fail, b"broken", URL, sqlite_store)
    assert await list_counts(sqlite_store) == []


async def test_a_crash_counts_and_the_second_gives_up(pool: DecodingPool, sqlite_store: Store):
    decoder = CountedDecoder(pool)
    with pytest.raises(DecodingProcessDied):
        await decoder.run(pool_work.crash, b"", URL, sqlite_store)
    with pytest.raises(DecodingGivenUp, match="2 times"):
        await decoder.run(pool_work.crash, b"", URL, sqlite_store)
