"""What each of SQLite's errors means: the one table that says what is worth a repeat.

Source: https://sqlite.org/rescode.html. An error is about the record only if it is in the table;
any other is the file's, and may pass.
"""

import sqlite3
from typing import Final

from shared.errors import ErrorClass

# By the beginning of the name, which extended codes continue: SQLITE_CONSTRAINT_DATATYPE.
PERMANENT_CODES: Final = (
    "SQLITE_TOOBIG",  # text or bytes of more than a gigabyte
    "SQLITE_CONSTRAINT",
    "SQLITE_MISMATCH",
    "SQLITE_RANGE",
)
FATAL_CODES: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_AUTH")

# What the driver raises before SQLite sees it if a value has no form in a column: a whole number of
# more than 64 bits, half a character (a lone surrogate), a type that is none of SQLite's.
UNENCODABLE: Final = (OverflowError, UnicodeEncodeError)

_PERMANENT: Final = (
    *UNENCODABLE,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)


def classify(error: Exception) -> ErrorClass:
    """What *error*, raised by the driver, means for the record at hand."""
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(FATAL_CODES):
        return ErrorClass.FATAL
    if isinstance(error, _PERMANENT) or name.startswith(PERMANENT_CODES):
        return ErrorClass.PERMANENT
    return ErrorClass.TRANSIENT
