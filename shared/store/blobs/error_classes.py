"""What the errors of a disk and of a bucket mean: the one table that says what is worth a repeat.

(Errors of GridFS are MongoDB's.) Sources: `man 3 errno`; the exceptions of obstore, which is an
extra, so they stand here by name.
"""

import errno
from collections.abc import Mapping
from typing import Final

from shared.errors import DependencyRejected, ErrorClass, StoreUnavailable, UnprocessableRecord

OS_ERRORS: Final[Mapping[int, ErrorClass]] = {
    errno.EFBIG: ErrorClass.PERMANENT,
    errno.ENAMETOOLONG: ErrorClass.PERMANENT,
    errno.EILSEQ: ErrorClass.PERMANENT,
}
"""Any other error of the disk passes: it is full, away, read-only, or has no descriptors left."""

BUCKET_ERRORS: Final[Mapping[str, ErrorClass]] = {
    "InvalidPathError": ErrorClass.PERMANENT,
    "UnauthenticatedError": ErrorClass.FATAL,
    "PermissionDeniedError": ErrorClass.FATAL,
    "UnknownConfigurationKeyError": ErrorClass.FATAL,
    "NotSupportedError": ErrorClass.FATAL,
}
"""Any other error of the bucket passes. (That an object is not there is no error.)"""


def classify_os_error(error: OSError) -> ErrorClass:
    return OS_ERRORS.get(error.errno or 0, ErrorClass.TRANSIENT)


def classify_bucket_error(error: Exception) -> ErrorClass:
    return BUCKET_ERRORS.get(type(error).__name__, ErrorClass.TRANSIENT)


def build_error(error_class: ErrorClass, message: str) -> Exception:
    """The error of ours that callers of the store get."""
    match error_class:
        case ErrorClass.PERMANENT:
            return UnprocessableRecord(message)
        case ErrorClass.FATAL:
            return DependencyRejected(message)
        case _:
            return StoreUnavailable(message)
