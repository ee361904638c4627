"""The processes that decode for us: bounded, replaced when they die, ended with the worker."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from shared.errors import DecoderUnavailable
from tests.integration.images.decoding import pool_work


@pytest.fixture
async def pool() -> AsyncIterator[DecodingPool]:
    pool = DecodingPool(processes=2, seconds=10)
    yield pool
    await pool.close()


async def test_work_runs_in_another_process_that_is_used_again(pool: DecodingPool):
    first = await pool.run(pool_work.process_id, b"")
    assert first != os.getpid()
    assert await pool.run(pool_work.process_id, b"") == first


async def test_an_error_of_the_work_reaches_the_caller_and_the_process_lives(pool: DecodingPool):
    first = await pool.run(pool_work.process_id, b"")
    with pytest.raises(ValueError, match="broken"):
        await pool.run(pool_work.fail, b"broken")
    assert await pool.run(pool_work.process_id, b"") == first


async def test_a_crash_fails_its_own_picture_alone_and_the_process_is_replaced(
    pool: DecodingPool,
):
    outcomes = await asyncio.gather(
        pool.run(pool_work.crash, b""),
        *(pool.run(pool_work.count_bytes, bytes(size)) for size in range(6)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], DecodingProcessDied)
    assert outcomes[1:] == [0, 1, 2, 3, 4, 5]
    assert await pool.run(pool_work.count_bytes, b"four") == 4


async def test_work_that_takes_too_long_is_killed():
    pool = DecodingPool(processes=1, seconds=0.5)
    with pytest.raises(DecodingProcessDied, match="it took longer"):
        await pool.run(pool_work.loop, b"")
    await pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is measured from /proc")
async def test_work_that_takes_too_much_memory_fails(pool: DecodingPool):
    with pytest.raises(MemoryError):
        await pool.run(pool_work.allocate_too_much, b"")


async def test_a_cancelled_caller_leaves_a_pool_that_works(pool: DecodingPool):
    task = asyncio.create_task(pool.run(pool_work.loop, b""))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.run(pool_work.count_bytes, b"four") == 4


async def test_a_process_is_replaced_after_some_pictures():
    pool = DecodingPool(processes=1, pictures=2)
    processes = [await pool.run(pool_work.process_id, b"") for _ in range(4)]
    assert processes[0] == processes[1] != processes[2] == processes[3]
    await pool.close()


async def test_sigterm_lets_the_process_finish_its_picture(pool: DecodingPool):
    """A supervisor sends it to every process of a service."""
    process = await pool.run(pool_work.process_id, b"")
    work = asyncio.create_task(pool.run(pool_work.nap, b""))
    await asyncio.sleep(0.2)
    os.kill(process, signal.SIGTERM)
    assert await work == process


@contextmanager
def no_more_open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_unused = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_unused)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_unused, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_no_picture_is_to_blame_for_a_process_that_cannot_be_started():
    """And the pool works again as soon as one can be."""
    pool = DecodingPool(processes=1)
    with no_more_open_files():
        for _ in range(2):
            with pytest.raises(DecoderUnavailable, match="no process"):
                await pool.run(pool_work.count_bytes, b"four")
    assert await pool.run(pool_work.count_bytes, b"four") == 4
    await pool.close()


PARENT = """
import asyncio, sys
from services.enrichment.images.decoding.process_pool import DecodingPool
from tests.integration.images.decoding import pool_work

async def main():
    pool = DecodingPool()
    print(await pool.run(pool_work.process_id, b""), flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_processes_end_with_a_killed_worker(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).parents[4]
    worker = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    worker.kill()
    worker.communicate()
    deadline = time.monotonic() + 30
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Whether it exists, and is not a zombie that nobody has waited for."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
    return "State:\tZ" not in status
