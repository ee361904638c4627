"""The errors of ours that callers of the store get in place of the MongoDB driver's."""

from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError

from shared.errors import DependencyRejected, ErrorClass, StoreUnavailable, UnprocessableRecord
from shared.store.mongo.error_classes import classify, describe_error, has_other_errors


def translate_error(error: Exception, address: str, url: str) -> Exception:
    """The error of ours that *error* means, or *error* itself: duplicate keys are the caller's.

    StoreUnavailable: repeat all of it. UnprocessableRecord: MongoDB never keeps it.
    DependencyRejected: end the process.
    """
    if isinstance(error, DuplicateKeyError):
        return error
    if isinstance(error, BulkWriteError) and not has_other_errors(error):
        return error
    said = redact(describe_error(error), url)
    match classify(error):
        case ErrorClass.PERMANENT:
            return UnprocessableRecord(f"MongoDB does not keep it: {said}")
        case ErrorClass.FATAL:
            return DependencyRejected(f"the store {address} denies access: {said}")
        case _:
            does_not = "does not answer" if isinstance(error, ConnectionFailure) else "fails now"
            return StoreUnavailable(f"the store {address} {does_not}: {said}")


def redact(text: str, url: str) -> str:
    """*text* without the URL, which may hold a password."""
    return text.replace(url, "…")
