"""What can come of a fetch: the picture, a failure for good, or another attempt later."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.enrichment.images.decoding.derivatives import Derivatives


class FailureKind(StrEnum):
    """Why a fetch failed for good. The values are stored with the outcome and shown to people."""

    BAD_URL = "bad-address"  # neither http nor https, credentials in it, or too long
    BROKEN = "broken"  # the bytes are not a whole picture
    ENCODED = "encoded"  # compressed although we asked for identity
    FORBIDDEN = "forbidden"  # the host refuses, or we must not connect to its address
    GAVE_UP = "gave-up"  # too many attempts
    NOT_A_PAGE = "not-a-page"
    NOT_A_PICTURE = "not-a-picture"
    NOT_FOUND = "not-found"
    REDIRECTS = "redirects"  # too many, or one that we do not follow
    ROBOTS = "robots"  # robots.txt disallows the page
    STATUS = "unexpected-status"
    TOO_LARGE = "too-large"  # bytes, pixels or frames
    TOO_SMALL = "too-small"  # no picture of an article: a tracking pixel
    UNSUPPORTED = "unsupported"  # a picture format that we do not keep


@dataclass(frozen=True)
class Validators:
    """The headers by which a host names a version of a picture, for conditional requests."""

    etag: str = ""
    last_modified: str = ""


NO_VALIDATORS: Final = Validators()


@dataclass(frozen=True)
class VerifiedPicture:
    """A picture whose bytes were decoded: media type, size in pixels, number of frames.

    *derivatives* is None if only its bytes were checked.
    """

    content: bytes
    media_type: str
    width: int
    height: int
    frames: int
    validators: Validators = NO_VALIDATORS
    derivatives: Derivatives | None = field(default=None, compare=False)


@dataclass(frozen=True)
class NotModified:
    """The host has no other version than the one in our conditional request (304)."""


@dataclass(frozen=True)
class Failure:
    """A failure for good: the URL is not requested again until the failure has expired."""

    kind: FailureKind
    reason: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


@dataclass(frozen=True)
class RetryLater:
    """No outcome yet: the host was slow, unavailable or busy. The work is parked.

    *retry_after* is what the host asked for, in seconds.
    """

    reason: str
    retry_after: float | None = None
    is_host_failure: bool = True  # counts towards the host's circuit breaker
    is_attempt: bool = True  # counts towards the attempts that a URL gets

    def __str__(self) -> str:
        return self.reason


FetchOutcome = VerifiedPicture | NotModified | Failure | RetryLater
