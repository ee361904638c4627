"""What each error of the MongoDB driver means: the one table that says what is worth a repeat.

Every new version of MongoDB has codes that nobody knew before, and they speak of its own state:
pressure on its cache, a lock, a shard that moves. So a code is about the record only if it is in
the table; any other is the server's, and passes.

Sources: `src/mongo/base/error_codes.yml` of MongoDB 4.4 to 8.2, and, for the numbers that have no
name there, `src/mongo/db/exec/update_stage.cpp` and `upsert_stage.cpp`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    InvalidName,
    OperationFailure,
)

from shared.errors import ErrorClass

DUPLICATE_KEY: Final = 11000

TOO_LARGE_CODES: Final[Mapping[int, str]] = {
    10334: "BSONObjectTooLarge",
    17419: "an update would make the document too large, up to MongoDB 8.1",
    17420: "an upsert would insert a document that is too large, up to MongoDB 8.1",
    7655103: "an upsert would insert a document that is too large",
}
"""A document would have more than 16 MB. (An insert that is too large is a BadValue.)"""

PERMANENT_CODES: Final[Mapping[int, str]] = {
    2: "BadValue",
    9: "FailedToParse",
    14: "TypeMismatch",
    15: "Overflow",  # nested too deeply, too
    16: "InvalidLength",
    22: "InvalidBSON",
    28: "PathNotViable",
    40: "ConflictingUpdateOperators",
    52: "DollarPrefixedFieldName",
    53: "InvalidIdField",
    55: "InvalidDBRef",
    56: "EmptyFieldName",
    57: "DottedFieldName",
    66: "ImmutableField",
    121: "DocumentValidationFailure",
    171: "CannotIndexParallelArrays",
    357: "InvalidBSONType",
    378: "NonConformantBSON",
    17280: "OBSOLETE_KeyTooLong",
    **TOO_LARGE_CODES,
}
"""This document, or this query, is refused however often it is sent."""

FATAL_CODES: Final[Mapping[int, str]] = {
    11: "UserNotFound",
    13: "Unauthorized",
    18: "AuthenticationFailed",
    31: "RoleNotFound",
    85: "IndexOptionsConflict",
    86: "IndexKeySpecsConflict",
    334: "MechanismUnavailable",
}
"""A person must change rights, credentials or an index."""

# Of MongoDB's cloud service: what its proxy has to say, such as a wrong password or a full quota.
_ATLAS_ERROR: Final = 8000

# What the driver raises before it sends anything if a value has no form in BSON. Too large a
# document is one of them (DocumentTooLarge), a whole number of more than 64 bits another, and half
# a character (a lone surrogate) a third.
UNENCODABLE: Final = (BSONError, OverflowError, UnicodeEncodeError)

_MISCONFIGURED: Final = (ConfigurationError, InvalidName)


def classify(error: Exception) -> ErrorClass:
    """What *error*, raised by the driver, means for the record at hand.

    Duplicate keys are no error of either side: whoever writes unique keys handles them.
    """
    if isinstance(error, UNENCODABLE):
        return ErrorClass.PERMANENT
    if isinstance(error, _MISCONFIGURED):
        return ErrorClass.FATAL
    if isinstance(error, BulkWriteError):
        return _classify_codes(_read_write_codes(error))
    if isinstance(error, OperationFailure):
        return _classify_codes([read_code(error)])
    return ErrorClass.TRANSIENT


def is_too_large(error: BaseException | None) -> bool:
    """Whether the server refused a single write because of the document that would result."""
    return isinstance(error, OperationFailure) and error.code in TOO_LARGE_CODES


def has_other_errors(error: BulkWriteError) -> bool:
    """Whether something else than duplicate keys went wrong."""
    codes = set(_read_write_codes(error))
    return bool(codes - {DUPLICATE_KEY} or error.details.get("writeConcernErrors"))


def describe_error(error: Exception) -> str:
    """What the server or the driver says, in one line of bounded length."""
    text: Any = error
    if isinstance(error, BulkWriteError):
        text = error.details.get("writeErrors") or error.details.get("writeConcernErrors")
    line = " ".join(str(text).split())[:300]
    return line or type(error).__name__


def read_code(error: Exception) -> int:
    """The server's code of the error, or 0. MongoDB's cloud has no code for a wrong password."""
    code = int(getattr(error, "code", None) or 0)
    if code == _ATLAS_ERROR and "auth" in str(error).lower():
        return 18
    return code


def _classify_codes(codes: Iterable[int]) -> ErrorClass:
    """Of several, the one that a repeat helps least."""
    listed = set(codes)
    if listed & FATAL_CODES.keys():
        return ErrorClass.FATAL
    if listed & PERMANENT_CODES.keys():
        return ErrorClass.PERMANENT
    return ErrorClass.TRANSIENT


def _read_write_codes(error: BulkWriteError) -> list[int]:
    return [int(fault["code"]) for fault in error.details.get("writeErrors", [])]
