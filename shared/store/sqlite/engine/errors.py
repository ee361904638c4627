"""The errors of ours that callers of the store get in place of SQLite's."""

from pathlib import Path

from shared.errors import (
    DependencyRejected,
    ErrorClass,
    SeedwireError,
    StoreUnavailable,
    UnprocessableRecord,
)
from shared.store.sqlite.engine.error_classes import classify


def translate_error(error: Exception, path: Path) -> SeedwireError:
    """The error of ours that *error* means.

    StoreUnavailable: repeat all of it. UnprocessableRecord: SQLite never keeps it.
    DependencyRejected: end the process.
    """
    match classify(error):
        case ErrorClass.PERMANENT:
            return UnprocessableRecord(f"SQLite does not keep it: {error}")
        case ErrorClass.FATAL:
            return DependencyRejected(
                f"{path} is not a sound SQLite database ({error});"
                " name another one in SEEDWIRE_STORE"
            )
        case _:
            return StoreUnavailable(
                f"the store sqlite:///{path} failed: {error};"
                " check whether the disk is full or the folder is gone"
            )
