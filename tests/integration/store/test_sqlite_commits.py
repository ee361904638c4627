"""Writes to SQLite that wait for one another are committed together, and fail alone."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.errors import StoreUnavailable, UnprocessableRecord
from shared.store.sqlite.engine.database import Database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    await opened.execute("CREATE TABLE numbers (number PRIMARY KEY)")
    yield opened
    await opened.close()


@asynccontextmanager
async def hold_writes(database: Database) -> AsyncIterator[list[str]]:
    """Hold back all writes until the block ends; yields the statements that run from then on."""
    begun, release, statements = asyncio.Event(), threading.Event(), list[str]()
    loop = asyncio.get_running_loop()

    def hold(connection: sqlite3.Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        release.wait(20)
        connection.set_trace_callback(statements.append)

    holding = asyncio.create_task(database.write(hold))
    await begun.wait()
    try:
        yield statements
        await asyncio.sleep(0)  # writes that were started in the block join the group
    finally:
        release.set()
        await holding


def insert(number: int) -> Callable[[sqlite3.Connection], int]:
    statement = "INSERT INTO numbers VALUES (?)"
    return lambda connection: connection.execute(statement, (number,)).rowcount


async def read_numbers(database: Database) -> list[int]:
    return [number for (number,) in await database.fetch_all("SELECT number FROM numbers")]


async def test_writes_that_wait_share_a_commit(database: Database):
    async with hold_writes(database) as statements:
        writes = [asyncio.create_task(database.write(insert(number))) for number in range(20)]
    assert await asyncio.gather(*writes) == [1] * 20
    assert statements.count("COMMIT") == 2  # of the write that held them, and theirs
    assert await read_numbers(database) == [*range(20)]


async def test_a_write_that_fails_fails_alone(database: Database):
    async with hold_writes(database):
        writes = [asyncio.create_task(database.write(insert(number))) for number in (1, 2, 1, 3)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [int, int, UnprocessableRecord, int]
    assert await read_numbers(database) == [1, 2, 3]


async def test_a_cancelled_write_cancels_no_other(database: Database):
    async with hold_writes(database):
        first = asyncio.create_task(database.write(insert(1)))
        second = asyncio.create_task(database.write(insert(2)))
        await asyncio.sleep(0)
        first.cancel()
    assert await second == 1
    assert 2 in await read_numbers(database)


async def test_a_store_that_is_unavailable_is_so_for_all_of_them(database: Database):
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("INSERT INTO numbers VALUES (4), (zeroblob(100000))")

    async with hold_writes(database):
        works = (insert(1), fill, insert(2))
        writes = [asyncio.create_task(database.write(work)) for work in works]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [StoreUnavailable] * 3
    assert await read_numbers(database) == []
    await database.write(insert(3))
    assert await read_numbers(database) == [3]
