"""Writes to SQLite that wait for one another are committed together, and fail alone."""

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager

import pytest

from shared.errors import StoreAway
from shared.store.sqlite.database import Database


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    await opened.write(
        lambda connection: connection.execute("CREATE TABLE kept (number PRIMARY KEY)")
    )
    yield opened
    await opened.close()


@asynccontextmanager
async def held(database):
    """Nothing is written before the block is left. Gives the statements that were executed since."""
    begun, leave, statements = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def hold(connection):
        loop.call_soon_threadsafe(begun.set)
        leave.wait(20)
        connection.set_trace_callback(statements.append)

    holding = asyncio.create_task(database.write(hold))
    await begun.wait()
    try:
        yield statements
        await asyncio.sleep(0)  # those who were started in the block stand in line
    finally:
        leave.set()
        await holding


def keep(number):
    return lambda connection: connection.execute("INSERT INTO kept VALUES (?)", (number,)).rowcount


async def kept(database):
    rows = await database.read(
        lambda connection: connection.execute("SELECT number FROM kept").fetchall()
    )
    return [number for (number,) in rows]


async def test_writes_that_wait_share_a_commit(database):
    async with held(database) as statements:
        writes = [asyncio.create_task(database.write(keep(number))) for number in range(20)]
    assert await asyncio.gather(*writes) == [1] * 20
    assert statements.count("COMMIT") == 2  # that of who held them, and theirs
    assert await kept(database) == [*range(20)]


async def test_a_write_that_fails_fails_alone(database):
    async with held(database):
        writes = [asyncio.create_task(database.write(keep(number))) for number in (1, 2, 1, 3)]
    came = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(one) for one in came] == [int, int, sqlite3.IntegrityError, int]
    assert await kept(database) == [1, 2, 3]


async def test_who_is_cancelled_takes_no_other_with_him(database):
    async with held(database):
        first, second = (asyncio.create_task(database.write(keep(number))) for number in (1, 2))
        await asyncio.sleep(0)
        first.cancel()
    assert await second == 1
    assert 2 in await kept(database)


async def test_a_store_that_is_away_is_away_for_all_of_them(database):
    def fill(connection):
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("INSERT INTO kept VALUES (4), (zeroblob(100000))")

    async with held(database):
        writes = [asyncio.create_task(database.write(work)) for work in (keep(1), fill, keep(2))]
    came = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(one) for one in came] == [StoreAway] * 3
    assert await kept(database) == []
    await database.write(keep(3))
    assert await kept(database) == [3]
