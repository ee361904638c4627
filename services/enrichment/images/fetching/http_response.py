"""What a host's response says: a redirect, a failure, or a body that is read within a limit."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, cast

import httpx

from services.enrichment.images.fetch_outcome import (
    NO_VALIDATORS,
    Failure,
    FailureKind,
    NotModified,
    RetryLater,
    Validators,
)
from services.enrichment.images.fetching.resource_type import ResourceType
from services.enrichment.images.limits import MAX_RETRY_SECONDS, MAX_VALIDATOR_LENGTH
from services.enrichment.images.network.guarded_transport import LOCATION
from shared.clock import now

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
TRANSIENT_STATUSES: Final = frozenset({408, 425, 429})  # and 500 upwards
REFUSAL_STATUSES: Final = frozenset({401, 402, 403, 407, 451})
NOT_FOUND_STATUSES: Final = frozenset({404, 410})
# What browsers decompress. Under any other name (`UTF-8`, `aws-chunked`, `none`) they take the
# bytes as they are.
COMPRESSIONS: Final = frozenset(
    {"gzip", "x-gzip", "deflate", "br", "zstd", "dcb", "dcz", "compress", "x-compress"}
)
_SECONDS: Final = re.compile(r"-?[0-9]+", re.ASCII)


@dataclass(frozen=True)
class ResponseBody:
    """The body of a 200, with the URL that answered and the headers that matter."""

    content: bytes
    url: str
    content_type: str
    validators: Validators


@dataclass(frozen=True)
class Redirect:
    location: str


HttpResult = ResponseBody | Redirect | NotModified | Failure | RetryLater


def classify_response(
    response: httpx.Response, resource_type: ResourceType, validators: Validators
) -> HttpResult | None:
    """What status and headers say. None: the body is to be read, once there is memory for it.

    *validators* are those of the request.
    """
    status, headers = response.status_code, response.headers
    if status in REDIRECT_STATUSES:
        return _read_redirect(response)
    if status in TRANSIENT_STATUSES or status >= 500:
        retry_after = parse_retry_after(headers.get("retry-after"))
        return RetryLater(f"the host answered {status}", retry_after)
    if status == 304 and validators != NO_VALIDATORS:
        return NotModified()
    if status != 200:
        return Failure(_failure_kind(status), f"the host answered {status}")
    if _is_compressed(headers):
        reason = "the host sent a compressed body, though we asked for identity"
        return Failure(FailureKind.ENCODED, reason)
    length = _content_length(response)
    if length is not None and length > resource_type.max_bytes and not resource_type.is_truncated:
        return Failure(FailureKind.TOO_LARGE, f"it has {length:,} bytes")
    return None


def max_body_size(response: httpx.Response, resource_type: ResourceType) -> int:
    """The bytes of memory that reading the body takes at the most."""
    length = _content_length(response)
    if length is None:
        return resource_type.max_bytes
    return min(length, resource_type.max_bytes)


async def read_body(
    response: httpx.Response, url: str, resource_type: ResourceType
) -> ResponseBody | Failure:
    """The body, as it came from *url*: nothing is decompressed. Blocks until all of it is there."""
    content = await _read_content(response, resource_type)
    if isinstance(content, Failure):
        return content
    headers = response.headers
    return ResponseBody(content, url, headers.get("content-type", ""), _read_validators(headers))


def parse_retry_after(header: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date, up to a day.

    None if the header is missing or malformed.
    """
    if not header:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return _limit_seconds(int(text[:12]))
    try:
        date = parsedate_to_datetime(text)
        return _limit_seconds((date - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _limit_seconds(seconds: float) -> float:
    return float(min(max(seconds, 0.0), MAX_RETRY_SECONDS))


def _read_redirect(response: httpx.Response) -> Redirect | Failure:
    location = response.extensions.get(LOCATION)
    if not location:
        return Failure(FailureKind.REDIRECTS, "the redirect has no location")
    return Redirect(location)


def _failure_kind(status: int) -> FailureKind:
    if status in NOT_FOUND_STATUSES:
        return FailureKind.NOT_FOUND
    if status in REFUSAL_STATUSES:
        return FailureKind.FORBIDDEN
    return FailureKind.STATUS


def _is_compressed(headers: Mapping[str, str]) -> bool:
    encodings = headers.get("content-encoding", "").lower().split(",")
    return any(encoding.strip() in COMPRESSIONS for encoding in encodings)


def _content_length(response: httpx.Response) -> int | None:
    """The length in bytes that the response announces.

    None if it announces none, or one that does not count: a chunked body has as many bytes as
    come (RFC 9112, section 6.3).
    """
    length = response.headers.get("content-length", "")
    if not length.isdecimal() or "transfer-encoding" in response.headers:
        return None
    return int(length.lstrip("0")[:20] or "0")


async def _read_content(response: httpx.Response, resource_type: ResourceType) -> bytes | Failure:
    content = bytearray()
    limit, make_finder = resource_type.max_bytes, resource_type.make_end_finder
    finder = make_finder() if make_finder else None
    raw_chunks = cast("AsyncGenerator[bytes]", response.aiter_raw())
    async with aclosing(raw_chunks) as chunks:
        async for chunk in chunks:
            content += chunk
            if finder is not None and finder.find(content) is not None:
                break
            if len(content) > limit:
                if not resource_type.is_truncated:
                    return Failure(FailureKind.TOO_LARGE, f"it has more than {limit:,} bytes")
                break
    del content[limit:]
    return bytes(content)


def _read_validators(headers: Mapping[str, str]) -> Validators:
    return Validators(
        etag=_read_validator(headers.get("etag", "")),
        last_modified=_read_validator(headers.get("last-modified", "")),
    )


def _read_validator(value: str) -> str:
    """The value if we can send it back in a header: short, printable ASCII. Else nothing."""
    is_sendable = value.isascii() and value.isprintable() and len(value) <= MAX_VALIDATOR_LENGTH
    return value if is_sendable else ""
