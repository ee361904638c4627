"""The SQLite file: one connection on one thread, a write-ahead log, and what SQLite's errors mean.

Writes that arrive while another is being made are committed together: one flush to disk for all of
them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import parse_qs

from shared.errors import DependencyRejected, SettingsError, StoreUnavailable
from shared.store.layout import require_layout
from shared.store.ports.operations.outbox import OutboxFull
from shared.store.sqlite.engine.error_classes import UNENCODABLE
from shared.store.sqlite.engine.errors import translate_error
from shared.store.sqlite.engine.migrations import apply_step, list_missing_steps
from shared.store.sqlite.engine.schema import create_tables, read_layout

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]
Values = Sequence[object] | Mapping[str, object]

# How long a write waits for another process's. A write takes milliseconds, a group of them somewhat
# longer.
BUSY_SECONDS: Final = 10.0


@dataclass(frozen=True)
class _Group:
    """Writes that share a transaction; others may join until it begins.

    `commit` ends with what each of them returned.
    """

    works: list[Work[Any]]
    commit: asyncio.Task[list[Any]]


class Database:
    """The file that a `sqlite:///PATH` URL names.

    Work runs on its own thread and never blocks the event loop.
    """

    def __init__(self, url: str) -> None:
        path, _, query = url.removeprefix("sqlite:///").partition("?")
        if not path:
            raise SettingsError("SEEDWIRE_STORE names no file: expected sqlite:///PATH")
        self.path = Path(path)
        # FULL: an acknowledged write survives a power cut, at the price of a flush to disk for each
        # transaction.
        self._synchronous = parse_qs(query).get("synchronous", ["full"])[0]
        if self._synchronous not in ("full", "normal"):
            raise SettingsError(
                f"SEEDWIRE_STORE: synchronous is full or normal, not {self._synchronous!r}"
            )
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._joinable: _Group | None = None
        self._write_lock = asyncio.Lock()

    @property
    def address(self) -> str:
        return f"sqlite:///{self.path}"

    async def open(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._joinable, self._write_lock = None, asyncio.Lock()  # of this event loop
        try:
            await self._run(self._connect)
        except (StoreUnavailable, SettingsError):
            await self.close()
            raise
        except DependencyRejected as error:
            await self.close()
            raise SettingsError(str(error)) from error

    async def close(self) -> None:
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
        thread.shutdown()

    async def read(self, work: Work[Result]) -> Result:
        """Run *work* on one snapshot of the database."""
        return await self._run(lambda: self._run_transaction("BEGIN", work))

    async def write(self, work: Work[Result]) -> Result:
        """Run *work* as one write: it is committed as a whole, or not at all after an exception.

        A cancelled write may still be committed. *work* must touch nothing but the database: when
        another write of the same commit fails, each of them runs again alone.
        """
        group = self._join_group(work)
        position = len(group.works) - 1
        await asyncio.wait([group.commit])
        error = group.commit.exception()
        if isinstance(error, StoreUnavailable) and not isinstance(error, OutboxFull):
            raise StoreUnavailable(str(error)) from error
        if error is None or len(group.works) == 1:
            return cast("Result", group.commit.result()[position])
        return await self._run(lambda: self._run_transaction("BEGIN IMMEDIATE", work))

    async def write_each(
        self, work: Callable[[sqlite3.Connection, Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Run *work* with each of *items* in one commit; returns what each run returned."""

        def run_all(connection: sqlite3.Connection) -> list[Result]:
            return [work(connection, item) for item in items]

        return await self.write(run_all) if items else []

    async def fetch_all(self, query: str, values: Values = ()) -> list[Any]:
        """All rows of one query."""
        return await self.read(lambda connection: connection.execute(query, values).fetchall())

    async def select(
        self, build: Callable[[Any], Result], query: str, values: Values = ()
    ) -> list[Result]:
        """What *build* makes of each row of one query."""
        return [build(row) for row in await self.fetch_all(query, values)]

    async def select_by_key(
        self, build: Callable[[Any], Result], query: str, values: Values = ()
    ) -> dict[str, Result]:
        """What *build* makes of each row of one query, by the row's first column."""
        return {row[0]: build(row) for row in await self.fetch_all(query, values)}

    async def fetch_one(self, query: str, values: Values = ()) -> Any:
        """The first row of one query, or None."""
        return await self.read(lambda connection: connection.execute(query, values).fetchone())

    async def execute(self, statement: str, values: Values = ()) -> int:
        """Write with one statement; returns how many rows it changed."""
        return await self.write(lambda connection: connection.execute(statement, values).rowcount)

    async def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Write with one statement for each of *rows*, all in one commit; nothing for no rows."""
        if rows:
            await self.write(lambda connection: connection.executemany(statement, rows))

    def _join_group(self, work: Work[Any]) -> _Group:
        """Add *work* to the group that may still be joined, or begin one; returns the group."""
        if self._joinable is None:
            works: list[Work[Any]] = []
            commit = asyncio.create_task(self._commit(works))
            commit.add_done_callback(_retrieve_exception)
            self._joinable = _Group(works, commit)
        self._joinable.works.append(work)
        return self._joinable

    async def _commit(self, works: Sequence[Work[Any]]) -> list[Any]:
        """Run all *works* in one transaction and commit it; returns what each of them returned."""

        def run_all(connection: sqlite3.Connection) -> list[Any]:
            return [work(connection) for work in works]

        async with self._write_lock:
            self._joinable = None
            return await self._run(lambda: self._run_transaction("BEGIN IMMEDIATE", run_all))

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._thread is None:
            raise StoreUnavailable(f"the store {self.address} is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, *UNENCODABLE) as error:
            raise translate_error(error, self.path) from error

    def _connect(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(
                f"the folder of {self.address} cannot be created: {error}"
            ) from error
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
        )
        self._connection = connection
        self._check_layout(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA busy_timeout = 10000")
        self._run_transaction("BEGIN IMMEDIATE", create_tables)
        for number in self._run_transaction("BEGIN IMMEDIATE", list_missing_steps):
            self._run_transaction("BEGIN IMMEDIATE", partial(apply_step, number=number))

    def _check_layout(self, connection: sqlite3.Connection) -> None:
        """A file without tables is new; it gets the layout of this version."""
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            require_layout(read_layout(connection), self.address)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run_transaction(self, begin: str, work: Work[Result]) -> Result:
        connection = self._connection
        assert connection is not None
        connection.execute(begin)
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result


def _retrieve_exception(commit: asyncio.Task[Any]) -> None:
    """So that asyncio does not report an error whose writers were all cancelled meanwhile."""
    if not commit.cancelled():
        commit.exception()
