"""What the errors of the MongoDB driver mean to callers of the store."""

from typing import Final

from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from shared.errors import SettingsError, StoreUnavailable, UnprocessableRecord

DUPLICATE_KEY: Final = 11000
ACCESS_DENIED: Final = (13, 18, 8000)  # unauthorized, authentication failed

# The server refuses an operation for now, as while it steps down. One that it goes on refusing is
# our own fault.
TRANSIENT: Final = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        24,  # LockTimeout
        43,  # CursorNotFound: it was lost with the server that had it
        64,  # WriteConcernTimeout
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        175,  # QueryPlanKilled
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        237,  # CursorKilled
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        13388,  # StaleConfig
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)


def translate_error(error: PyMongoError, address: str, url: str) -> Exception:
    """The error of ours that *error* means, or *error* itself.

    *error* itself is the caller's to handle, or a fault in our code. Of bulk writes, only duplicate
    keys alone are the caller's. What is transient is repeated, all of it; anything else cannot be
    kept.
    """
    if isinstance(error, DuplicateKeyError):
        return error
    if isinstance(error, BulkWriteError):
        return _translate_bulk_error(error, address, url)
    if isinstance(error, ConfigurationError) or getattr(error, "code", None) in ACCESS_DENIED:
        return SettingsError(f"the store {address} denies access: {redact(error, url)}")
    if isinstance(error, (ConnectionFailure, ExecutionTimeout, WriteConcernError)):
        return _unavailable(error, address, url)
    if isinstance(error, OperationFailure) and error.code in TRANSIENT:
        return _unavailable(error, address, url)
    return error


def redact(error: Exception, url: str) -> str:
    """The error's text without the URL, which may hold a password."""
    return str(error).replace(url, "…")


def _translate_bulk_error(error: BulkWriteError, address: str, url: str) -> Exception:
    write_errors = error.details.get("writeErrors", [])
    codes = {fault["code"] for fault in write_errors} - {DUPLICATE_KEY}
    if codes - TRANSIENT:
        return UnprocessableRecord(f"MongoDB does not keep it: {write_errors!r:.300}")
    if codes or error.details.get("writeConcernErrors"):
        return _unavailable(error, address, url)
    return error


def _unavailable(error: Exception, address: str, url: str) -> StoreUnavailable:
    return StoreUnavailable(f"the store {address} does not answer: {redact(error, url)[:300]}")
