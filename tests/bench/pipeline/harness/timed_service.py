"""A service that counts the seconds for which it waits: `python -m …timed_service MODULE FILE`.

On SIGUSR1 it writes what it has counted so far into FILE, as JSON. The product is not changed for
it: the functions that wait are wrapped here.
"""

import functools
import json
import os
import runpy
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from shared.broker.reading.commits.committer import Committer
from shared.broker.reading.polling.poll import Poller
from shared.broker.sending.sender import Sender
from shared.store.sqlite.engine import database

RECORDS, LOCK, FLUSH, ACKNOWLEDGEMENT, OFFSETS = (
    "for records",
    "for the writer's lock",
    "for the disk",
    "for Kafka's acknowledgement",
    "for the commit of offsets",
)
WAITS = (RECORDS, LOCK, FLUSH, ACKNOWLEDGEMENT, OFFSETS)
TIMED: Sequence[tuple[type, str, str]] = (
    (Poller, "poll", RECORDS),
    (Sender, "send", ACKNOWLEDGEMENT),
    (Committer, "commit", OFFSETS),
)
"""The methods that wait, by class and name."""
_STATEMENTS = {"BEGIN IMMEDIATE": LOCK, "COMMIT": FLUSH}
_seconds: Counter[str] = Counter()


class TimedConnection(sqlite3.Connection):
    """Times the statements that wait for others, or for the disk."""

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        wait = _STATEMENTS.get(statement)
        if wait is None:
            return super().execute(statement, *values)
        began = time.monotonic()
        try:
            return super().execute(statement, *values)
        finally:
            _add(wait, time.monotonic() - began)


def _add(wait: str, seconds: float) -> None:
    _seconds[wait] += seconds  # type: ignore[assignment]


def _time_calls(owner: type, name: str, wait: str) -> None:
    call: Callable[..., Awaitable[Any]] = getattr(owner, name)

    @functools.wraps(call)
    async def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.monotonic()
        try:
            return await call(*args, **kwargs)
        finally:
            _add(wait, time.monotonic() - began)

    setattr(owner, name, timed)


def main(module: str, path: str) -> None:
    def write(*_: object) -> None:
        unfinished = Path(f"{path}.{os.getpid()}")
        unfinished.write_text(json.dumps(_seconds))
        unfinished.replace(path)

    signal.signal(signal.SIGUSR1, write)
    for owner, name, wait in TIMED:
        _time_calls(owner, name, wait)
    connect = sqlite3.connect
    database.sqlite3.connect = functools.partial(  # type: ignore[assignment]
        connect, factory=TimedConnection
    )
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
