"""The errors of ours that callers of the store get in place of the MongoDB driver's."""

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError

from shared.errors import DependencyRejected, ErrorClass, StoreUnavailable, UnprocessableRecord
from shared.store.mongo.engine.error_classes import (
    FATAL_CODES,
    classify,
    describe_error,
    has_other_errors,
    read_code,
)

_USER_NOT_FOUND: Final = 11
_UNAUTHORIZED: Final = 13
_AUTHENTICATION_FAILED: Final = 18
_UNTRUSTED: Final = re.compile(r"certificate verify failed: ([^(]+)")


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
            refusal = _describe_refusal(error, url) or f"denies access: {said}"
            return DependencyRejected(f"the store {address} {refusal}")
        case _:
            return StoreUnavailable(f"the store {address} {_describe_absence(error, said)}")


def _describe_refusal(error: Exception, url: str) -> str | None:
    """What is wrong with the user in *url*, as the end of a sentence; None if it is another fault.

    The server's own words are left out: they are the same for every such fault.
    """
    user, code = unquote(urlsplit(url).username or ""), read_code(error)
    if code not in (_USER_NOT_FOUND, _UNAUTHORIZED, _AUTHENTICATION_FAILED):
        return None
    if not user:
        return "wants a user and a password, and SEEDWIRE_STORE has none"
    name = FATAL_CODES[code]
    if code == _UNAUTHORIZED:
        return f"denies the user {user!r} what Seedwire needs: the role readWrite ({name})"
    return (
        f"refuses the user {user!r}: the name or the password is wrong, or authSource is not the"
        f" database that has the user ({name})"
    )


def _describe_absence(error: Exception, said: str) -> str:
    if not isinstance(error, ConnectionFailure):
        return f"fails now: {said}"
    if untrusted := _UNTRUSTED.search(said):
        return f"shows a certificate that is not trusted: {untrusted[1].strip()}"
    return f"does not answer: {said}"


def redact(text: str, url: str) -> str:
    """*text* without the URL, which may hold a password."""
    return text.replace(url, "…")
