"""What an event carries of a rejected record: its parts whole if they fit, else a cut of each."""

import hashlib
from dataclasses import dataclass
from typing import Final

from shared.broker.records import Headers, measure_header, measure_record
from shared.budgets import (
    MAX_REJECTED_HEADER_NAME_CHARACTERS,
    MAX_REJECTED_HEADERS_BYTES,
    MAX_REJECTED_KEY_BYTES,
    MAX_REJECTED_RECORD_BYTES,
    MAX_REJECTED_VALUE_BYTES,
    cut_bytes,
    cut_text,
)

CUT_PREFIX: Final = "seedwire-cut-"
"""How headers begin that say what the event lacks of the record."""

_NULL_LENGTH: Final = 2**32 - 1


@dataclass(frozen=True)
class FittedRecord:
    """The parts of a rejected record as its event carries them."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def fit_rejected(
    key: bytes | None, value: bytes | None, headers: Headers, prefix: str = ""
) -> FittedRecord:
    """The parts themselves if they fit into an event, else a cut of each.

    The names of the headers get the *prefix*. The headers `seedwire-cut-…` then say how long the
    parts were, and what their SHA-256 was.
    """
    named = tuple((prefix + name, content) for name, content in headers)
    if measure_record(key, value, named) <= MAX_REJECTED_RECORD_BYTES:
        return FittedRecord(key, value, named)
    cut_headers = _cut_headers(named)
    described = (
        *_describe_cut("key", key, MAX_REJECTED_KEY_BYTES),
        *_describe_cut("value", value, MAX_REJECTED_VALUE_BYTES),
    )
    if cut_headers != named:
        joined = _join_headers(headers)
        described = (
            *described,
            (f"{CUT_PREFIX}headers-count", b"%d" % len(headers)),
            (f"{CUT_PREFIX}headers-sha256", digest(joined).encode()),
        )
    return FittedRecord(
        key=None if key is None else cut_bytes(key, MAX_REJECTED_KEY_BYTES),
        value=None if value is None else cut_bytes(value, MAX_REJECTED_VALUE_BYTES),
        headers=(*cut_headers, *described),
    )


def _describe_cut(part: str, content: bytes | None, max_bytes: int) -> Headers:
    """Length and digest of a part that is cut; nothing for one that is carried whole."""
    if content is None or len(content) <= max_bytes:
        return ()
    return (
        (f"{CUT_PREFIX}{part}-length", b"%d" % len(content)),
        (f"{CUT_PREFIX}{part}-sha256", digest(content).encode()),
    )


def _cut_headers(headers: Headers) -> Headers:
    """The first headers, as far as the budget reaches; the value of the last one may be cut."""
    cut: list[tuple[str, bytes | None]] = []
    room = MAX_REJECTED_HEADERS_BYTES
    for name, value in headers:
        short_name = cut_text(name, MAX_REJECTED_HEADER_NAME_CHARACTERS)
        room_for_value = room - measure_header(short_name, None)
        if room_for_value < 0:
            break
        cut.append((short_name, None if value is None else cut_bytes(value, room_for_value)))
        room = room_for_value - len(value or b"")
        if room <= 0:
            break
    return tuple(cut)


def _join_headers(headers: Headers) -> bytes:
    """What the digest of headers is taken of.

    For each header these are the length of its name in four bytes, big-endian, the name, the length
    of its value, and the value; the length of a null is 0xFFFFFFFF.
    """
    joined = bytearray()
    for name, value in headers:
        encoded = name.encode(errors="surrogatepass")
        joined += len(encoded).to_bytes(4, "big") + encoded
        length = _NULL_LENGTH if value is None else len(value)
        joined += length.to_bytes(4, "big") + (value or b"")
    return bytes(joined)


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
