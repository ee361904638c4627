"""What errors of SQLite mean: the record's fault only if the table says so."""

import sqlite3
from pathlib import Path

import pytest

from shared.errors import DependencyRejected, StoreUnavailable, UnprocessableRecord
from shared.store.sqlite.engine.errors import translate_error

TABLE = "CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER NOT NULL) STRICT"


def translate(error: Exception) -> Exception:
    return translate_error(error, Path("seedwire.db"))


def with_name(name: str, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    error = kind("no")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    "row",
    [("a", 2**70), ("\ud800", 1), ("a", "text"), ("a", None), ("a", object()), (b"a" * 9, 1)],
    ids=["number", "half a character", "type", "null", "object", "bytes"],
)
def test_a_value_that_no_column_takes_is_the_records(row: tuple[object, ...]):
    connection = sqlite3.connect(":memory:")
    connection.execute(TABLE)
    with pytest.raises((sqlite3.Error, OverflowError, UnicodeEncodeError)) as caught:
        connection.execute("INSERT INTO t VALUES (?, ?)", row)
    connection.close()
    assert isinstance(translate(caught.value), UnprocessableRecord)


@pytest.mark.parametrize(
    "name", ["SQLITE_TOOBIG", "SQLITE_CONSTRAINT_NOTNULL", "SQLITE_MISMATCH", "SQLITE_RANGE"]
)
def test_a_permanent_error_is_the_records(name: str):
    assert isinstance(translate(with_name(name)), UnprocessableRecord)


@pytest.mark.parametrize(
    "name",
    [
        "SQLITE_BUSY",
        "SQLITE_BUSY_SNAPSHOT",
        "SQLITE_LOCKED",
        "SQLITE_IOERR_WRITE",
        "SQLITE_FULL",
        "SQLITE_READONLY_DBMOVED",
        "SQLITE_CANTOPEN",
        "SQLITE_NOMEM",
        "SQLITE_SCHEMA",
        "SQLITE_ERROR",
        "SQLITE_SOMETHING_NEW",
        "",
    ],
)
def test_every_other_error_is_the_files(name: str):
    meaning = translate(with_name(name))
    assert isinstance(meaning, StoreUnavailable)
    assert "seedwire.db" in str(meaning)


@pytest.mark.parametrize("name", ["SQLITE_NOTADB", "SQLITE_CORRUPT_VTAB"])
def test_an_unsound_file_ends_the_process(name: str):
    error = with_name(name, sqlite3.DatabaseError)
    assert isinstance(translate(error), DependencyRejected)
