"""Tables with wide rows, rebuilt where an older version made them `WITHOUT ROWID`.

Such a table is one tree, ordered by its key, and SQLite compares whole rows to find one. A row of
more than a kilobyte lies on several pages, and all of them are read for each comparison. Why:
docs/decisions/0064-tables-with-wide-rows.md.
"""

import logging
import sqlite3
from typing import Final

log = logging.getLogger(__name__)

WIDE_TABLES: Final = (
    "articles",
    "signatures",
    "near",
    "stories",
    "notices",
    "decisions",
    "due",
    "rejected",
)
_WITHOUT_ROWID: Final = ", WITHOUT ROWID"


def rebuild_wide_tables(connection: sqlite3.Connection) -> None:
    """Give the rows of these tables an id of their own; columns and indexes stay as they are."""
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    for table in WIDE_TABLES:
        (statement,) = connection.execute(query, (table,)).fetchone()
        if _WITHOUT_ROWID in statement:
            _rebuild(connection, table, statement)


def _rebuild(connection: sqlite3.Connection, table: str, statement: str) -> None:
    query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''"
    indexes = connection.execute(query, (table,)).fetchall()
    (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    if rows:
        log.warning("rebuilds the table %s with %d rows, once (see docs/upgrade.md)", table, rows)
    columns = statement[statement.index("(") :].replace(_WITHOUT_ROWID, "")
    connection.execute(f"CREATE TABLE rebuilt {columns}")
    connection.execute(f"INSERT INTO rebuilt SELECT * FROM {table}")
    connection.execute(f"DROP TABLE {table}")
    connection.execute(f"ALTER TABLE rebuilt RENAME TO {table}")
    for (index,) in indexes:
        connection.execute(index)
