"""What SQLite's errors mean to callers of the store."""

import sqlite3
from pathlib import Path
from typing import Final

from shared.errors import SettingsError, StoreUnavailable

_UNAVAILABLE: Final = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_PERM",
    "SQLITE_NOMEM",
    "SQLITE_PROTOCOL",
)
_UNSOUND: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


def translate_error(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """The error of ours that *error* means; an error in our own statements stays what it is."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_UNSOUND):
        return SettingsError(
            f"{path} is not a sound SQLite database ({error}); name another one in SEEDWIRE_STORE"
        )
    if name.startswith(_UNAVAILABLE):
        return StoreUnavailable(
            f"the store sqlite:///{path} failed: {error};"
            " check whether the disk is full or the folder is gone"
        )
    return error
