"""The steps that were added to the schema in SQLite. Each is committed together with its record.

So of processes that start together one applies a step, and one that dies in a step applied nothing.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from shared.clock import now
from shared.store.layout import LAYOUT, STEPS
from shared.store.sqlite.engine.encoding import to_micros
from shared.store.sqlite.engine.wide_rows import rebuild_wide_tables

_WORKER_SCHEMA: Final = (
    f"ALTER TABLE workers ADD COLUMN schema INTEGER NOT NULL DEFAULT {LAYOUT}",
)

_HISTORY: Final = (
    """CREATE TABLE IF NOT EXISTS history (
        subject TEXT NOT NULL, source TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
        kind TEXT NOT NULL, reason TEXT NOT NULL, details TEXT NOT NULL,
        PRIMARY KEY (subject, source, number)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS acts (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL,
        reason TEXT NOT NULL, subjects TEXT NOT NULL, details TEXT NOT NULL, outcome TEXT NOT NULL,
        answered_at INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS acts_latest ON acts (at, id)",
    """CREATE TABLE IF NOT EXISTS act_subjects (
        subject TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (subject, at, id)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS act_subjects_at ON act_subjects (at, id)",
)

_CORRECTION: Final = ("ALTER TABLE rejected ADD COLUMN correction BLOB DEFAULT NULL",)

# What an older version publishes leaves the row behind: it holds for its version of the snapshot.
_FORMULA: Final = (
    """CREATE TABLE IF NOT EXISTS feed_formula (
        id INTEGER PRIMARY KEY, version INTEGER NOT NULL, formula INTEGER NOT NULL) STRICT""",
    "ALTER TABLE workers ADD COLUMN mode TEXT NOT NULL DEFAULT ''",
)

STATEMENTS: Final[Mapping[int, Sequence[str]]] = {
    4: _WORKER_SCHEMA,
    5: _HISTORY,
    6: _CORRECTION,
    7: _FORMULA,
}
"""By step. Only what an older version does not notice: no statement drops, renames or fills."""

_WIDE_ROWS: Final = 8  # columns and their order stay, so an older version does not notice

_RECORDS = """CREATE TABLE IF NOT EXISTS schema_steps (
    number INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT"""


def list_missing_steps(connection: sqlite3.Connection) -> list[int]:
    """The steps of this version that are not recorded yet, in their order."""
    connection.execute(_RECORDS)
    applied = list_applied_steps(connection)
    return [number for number in sorted(STEPS) if number not in applied]


def list_applied_steps(connection: sqlite3.Connection) -> list[int]:
    """The recorded steps, of whatever version, in their order."""
    rows = connection.execute("SELECT number FROM schema_steps ORDER BY number")
    return [number for (number,) in rows]


def apply_step(connection: sqlite3.Connection, number: int) -> None:
    """Apply the step and record it, unless another process has done so meanwhile.

    The caller holds the lock for writing, and commits.
    """
    if number in list_applied_steps(connection):
        return
    for statement in STATEMENTS.get(number, ()):
        connection.execute(statement)
    if number == _WIDE_ROWS:
        rebuild_wide_tables(connection)
    record = "INSERT INTO schema_steps (number, applied_at) VALUES (?, ?)"
    connection.execute(record, (number, to_micros(now())))
