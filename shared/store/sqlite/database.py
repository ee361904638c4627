"""The SQLite file: one connection on one thread, write-ahead log, transactions that know when the engine is away.

Writes that come while another is made are committed together: one flush to disk for all of them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs

from shared.errors import SettingsError, StoreAway
from shared.store.layout import LAYOUT, demand
from shared.store.sqlite.schema import SCHEMA

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

BUSY_SECONDS = 10.0  # how long a write waits for another process's: they take milliseconds, groups of them some more
_AWAY = tuple(
    f"SQLITE_{name}"
    for name in [
        "BUSY",
        "LOCKED",
        "IOERR",
        "FULL",
        "CANTOPEN",
        "READONLY",
        "PERM",
        "NOMEM",
        "PROTOCOL",
    ]
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Group:
    """Writes that share a transaction; those that come before it begins may join. `made` has what each returned."""

    works: list[Work[Any]]
    made: asyncio.Task[list[Any]]


class Database:
    """The file that a `sqlite:///PATH` URL names. Work runs on a thread of its own and never blocks the loop."""

    def __init__(self, url: str) -> None:
        path, _, query = url.removeprefix("sqlite:///").partition("?")
        if not path:
            raise SettingsError("SEEDWIRE_STORE names no file: expected sqlite:///PATH")
        self.path = Path(path)
        # FULL: what was acknowledged survives a power cut, at the price of one flush to disk a transaction.
        self._synchronous = parse_qs(query).get("synchronous", ["full"])[0]
        if self._synchronous not in ("full", "normal"):
            raise SettingsError(
                f"SEEDWIRE_STORE: synchronous is full or normal, not {self._synchronous!r}"
            )
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._forming: _Group | None = None
        self._turn = asyncio.Lock()

    @property
    def address(self) -> str:
        return f"sqlite:///{self.path}"

    async def open(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._forming, self._turn = None, asyncio.Lock()  # of this loop
        try:
            await self._run(self._connect)
        except (StoreAway, SettingsError):
            await self.close()
            raise

    async def close(self) -> None:
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
        thread.shutdown()

    async def read(self, work: Work[Result]) -> Result:
        """Run *work* on one snapshot of the database."""
        return await self._run(lambda: self._transaction("BEGIN", work))

    async def write(self, work: Work[Result]) -> Result:
        """Run *work* as one write: all of it is kept, or, after any exception but being cancelled, nothing.

        It touches nothing but the database: if one of those that share a commit fails, each is made anew alone.
        """
        group = self._joined(work)
        place = len(group.works) - 1
        await asyncio.wait([group.made])
        error = group.made.exception()
        if isinstance(error, StoreAway):
            raise StoreAway(str(error)) from error
        if error is None or len(group.works) == 1:
            return cast("Result", group.made.result()[place])
        return await self._run(lambda: self._transaction("BEGIN IMMEDIATE", work))

    def _joined(self, work: Work[Any]) -> _Group:
        """The group that *work* is now the last of."""
        if self._forming is None:
            works: list[Work[Any]] = []
            made = asyncio.create_task(self._make(works))
            made.add_done_callback(_heard)
            self._forming = _Group(works, made)
        self._forming.works.append(work)
        return self._forming

    async def _make(self, works: Sequence[Work[Any]]) -> list[Any]:
        """What each of the works returned; it is in the file."""
        async with self._turn:
            self._forming = None
            return await self._run(
                lambda: self._transaction(
                    "BEGIN IMMEDIATE", lambda connection: [work(connection) for work in works]
                )
            )

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._thread is None:
            raise StoreAway(f"the store {self.address} is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.DatabaseError as error:
            raise self._translated(error) from error

    def _translated(self, error: sqlite3.DatabaseError) -> Exception:
        """What the error means for the caller; one that speaks of our own statements stays what it is."""
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return SettingsError(
                f"{self.path} is not a sound SQLite database ({error}): name another in SEEDWIRE_STORE"
            )
        if name.startswith(_AWAY):
            return StoreAway(
                f"the store {self.address} did not do it: {error}; is the disk full, or the folder gone?"
            )
        return error

    def _connect(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreAway(f"the folder of {self.address} cannot be made: {error}") from error
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256
        )
        self._connection = connection
        self._demand_layout(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA busy_timeout = 10000")
        self._transaction("BEGIN IMMEDIATE", _create)

    def _demand_layout(self, connection: sqlite3.Connection) -> None:
        """A file without tables is new, and gets ours."""
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            demand(_layout(connection), self.address)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _transaction(self, begin: str, work: Work[Result]) -> Result:
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


def _create(connection: sqlite3.Connection) -> None:
    for statement in SCHEMA:
        connection.execute(statement)
    if _layout(connection) != LAYOUT:
        connection.execute(f"PRAGMA user_version = {LAYOUT}")


def _layout(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def _heard(made: asyncio.Task[Any]) -> None:
    """Whoever waited for it may be gone by now: what it raised is nobody's then."""
    if not made.cancelled():
        made.exception()


def to_micros(time: datetime) -> int:
    """Microseconds since 1970, exact."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
