"""The processes that decode for us: bounded, replaced when they die, ended with the worker."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.enrichment.images.decoding.process_pool import Died, Pool
from shared.errors import StoreAway
from tests.integration.images import pool_work


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool(processes=2, seconds=10)
    yield made
    await made.close()


async def test_work_is_done_in_another_process_that_is_used_again(pool: Pool):
    first = await pool.run(pool_work.process, b"")
    assert first != os.getpid()
    assert await pool.run(pool_work.process, b"") == first


async def test_an_error_of_the_work_is_the_callers_and_the_process_lives(pool: Pool):
    first = await pool.run(pool_work.process, b"")
    with pytest.raises(ValueError, match="broken"):
        await pool.run(pool_work.fail, b"broken")
    assert await pool.run(pool_work.process, b"") == first


async def test_a_crash_fails_its_own_picture_alone_and_the_process_is_replaced(pool: Pool):
    outcomes = await asyncio.gather(
        pool.run(pool_work.crash, b""),
        *(pool.run(pool_work.size, bytes(n)) for n in range(6)),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Died)
    assert outcomes[1:] == [0, 1, 2, 3, 4, 5]
    assert await pool.run(pool_work.size, b"four") == 4


async def test_what_takes_too_long_is_killed():
    pool = Pool(processes=1, seconds=0.5)
    with pytest.raises(Died, match="it took longer"):
        await pool.run(pool_work.loop, b"")
    await pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is measured from /proc")
async def test_what_takes_too_much_memory_is_refused(pool: Pool):
    with pytest.raises(MemoryError):
        await pool.run(pool_work.hoard, b"")


async def test_a_cancelled_caller_leaves_a_pool_that_works(pool: Pool):
    task = asyncio.create_task(pool.run(pool_work.loop, b""))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pool.run(pool_work.size, b"four") == 4


async def test_a_process_makes_place_for_a_fresh_one_after_some_pictures():
    pool = Pool(processes=1, pictures=2)
    pids = [await pool.run(pool_work.process, b"") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]
    await pool.close()


async def test_a_service_that_is_told_to_stop_finishes_the_picture_in_hand(pool: Pool):
    """A supervisor tells every process of it."""
    process = await pool.run(pool_work.process, b"")
    work = asyncio.create_task(pool.run(pool_work.nap, b""))
    await asyncio.sleep(0.2)
    os.kill(process, signal.SIGTERM)
    assert await work == process


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
async def test_a_process_that_cannot_be_started_is_the_fault_of_no_picture_and_the_pool_works_again():
    pool = Pool(processes=1)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (len([*Path("/proc/self/fd").iterdir()]) - 1, before[1])
    )
    try:
        for _ in range(2):
            with pytest.raises(StoreAway, match="no process"):
                await pool.run(pool_work.size, b"four")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert await pool.run(pool_work.size, b"four") == 4
    await pool.close()


PARENT = """
import asyncio, sys
from services.enrichment.images.decoding.process_pool import Pool
from tests.integration.images import pool_work

async def main():
    pool = Pool()
    print(await pool.run(pool_work.process, b""), flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_its_processes_end_with_a_killed_worker(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    root = Path(__file__).parents[3]
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
    until = time.monotonic() + 30
    while (
        Path(f"/proc/{child}").exists()
        and "State:\tZ" not in Path(f"/proc/{child}/status").read_text()
    ):
        assert time.monotonic() < until
        time.sleep(0.05)
