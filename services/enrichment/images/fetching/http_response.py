"""What a host's answer says: where to go instead, why there is nothing, or a body that is read within a bound."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from services.enrichment.images import limits
from services.enrichment.images.fetching.fetch_outcome import (
    NOTHING_KNOWN,
    Failed,
    Failure,
    Later,
    Unchanged,
    Validators,
)
from services.enrichment.images.network.connections import Response
from shared.clock import now

MOVED: Final = frozenset({301, 302, 303, 307, 308})
AGAIN: Final = frozenset({408, 425, 429})
LONGEST_MARK: Final = 16  # bytes that what ends the reading may have
_SECONDS: Final = re.compile(r"-?[0-9]+", re.ASCII)
REFUSED: Final = frozenset({401, 402, 403, 407, 451})


@dataclass(frozen=True)
class Wish:
    """What is asked for, and how much of it is read: the rest is cut off, or makes all of it too large.

    *until* ends the reading too, once it is seen.
    """

    accept: str
    most: int  # bytes
    cut: bool = False
    until: re.Pattern[bytes] | None = None


PICTURE: Final = Wish("image/avif,image/webp,image/png,image/jpeg,image/gif", limits.BYTES)
PAGE: Final = Wish("text/html,application/xhtml+xml", limits.PAGE_BYTES, cut=True)


@dataclass(frozen=True)
class Body:
    """The bytes of an answer 200, and the address that gave them."""

    content: bytes
    url: str
    content_type: str
    validators: Validators


@dataclass(frozen=True)
class Moved:
    location: str


Answer = Body | Moved | Unchanged | Failed | Later


async def read(response: Response, url: str, wish: Wish) -> Body | Failed:
    """The body that *url* answered with. Its bytes are taken as they come: nothing is inflated."""
    content = await _body(response, wish)
    if isinstance(content, Failed):
        return content
    headers = response.headers
    return Body(content, url, headers.get("content-type", ""), _validators(headers))


def most(response: Response, wish: Wish) -> int:
    """Bytes that its body takes at most."""
    length = _length(response)
    return wish.most if length is None else min(length, wish.most)


def judged(response: Response, wish: Wish, asked: Validators) -> Answer | None:
    """What status and headers say already; None: room is to be made for its body, and that is read."""
    status, headers = response.status, response.headers
    if status in MOVED:
        location = headers.get("location")
        return (
            Moved(location) if location else Failed(Failure.REDIRECTS, "a redirect leads nowhere")
        )
    if status in AGAIN or status >= 500:
        return Later(f"the host answered {status}", retry_after(headers.get("retry-after")))
    if status == 304 and asked != NOTHING_KNOWN:
        return Unchanged()
    if status != 200:
        return Failed(_failure(status), f"the host answered {status}")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        return Failed(Failure.ENCODED, "the host sent it compressed, though we asked for it plain")
    length = _length(response)
    if not wish.cut and length is not None and length > wish.most:
        return Failed(Failure.TOO_LARGE, f"it has {length:,} bytes")
    return None


def _length(response: Response) -> int | None:
    """Bytes that it says it has, where that holds: what comes in chunks has as many as come (RFC 9112, 6.3)."""
    length = response.headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in response.headers:
        return None
    return int(length.lstrip("0")[:20] or "0")


def _failure(status: int) -> Failure:
    if status in (404, 410):
        return Failure.NOT_FOUND
    return Failure.FORBIDDEN if status in REFUSED else Failure.STATUS


async def _body(response: Response, wish: Wish) -> bytes | Failed:
    body = bytearray()
    async for chunk in response.chunks:
        seen = max(0, len(body) - LONGEST_MARK)
        body += chunk
        if wish.until is not None and wish.until.search(body, seen):
            return bytes(body[: wish.most])
        if len(body) > wish.most:
            if wish.cut:
                return bytes(body[: wish.most])
            return Failed(Failure.TOO_LARGE, f"it has more than {wish.most:,} bytes")
    return bytes(body)


def _validators(headers: Mapping[str, str]) -> Validators:
    return Validators(_short(headers.get("etag")), _short(headers.get("last-modified")))


def _short(value: str | None) -> str:
    """What is sent back in a header of ours: short, printable ASCII, or not at all."""
    text = value or ""
    return (
        text
        if len(text) <= limits.VALIDATOR_CHARACTERS and text.isascii() and text.isprintable()
        else ""
    )


def retry_after(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None if it says nothing sensible."""
    if not header:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return float(min(max(int(text[:12]), 0), limits.LONGEST_PAUSE_SECONDS))
    try:
        asked = (parsedate_to_datetime(text) - now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(asked, 0.0), limits.LONGEST_PAUSE_SECONDS)
