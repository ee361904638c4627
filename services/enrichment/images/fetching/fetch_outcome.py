"""What may come of a picture URL: the picture, a failure for good, or another attempt later."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Failure(StrEnum):
    """Why a picture failed for good."""

    BAD_ADDRESS = "bad-address"  # no http or https, credentials in it, too long
    BROKEN = "broken"  # the bytes are no whole picture
    ENCODED = "encoded"  # compressed though we asked for it plain
    FORBIDDEN = "forbidden"  # the host refuses, or its address is none we connect to
    GAVE_UP = "gave-up"  # too many attempts
    NOT_A_PAGE = "not-a-page"
    NOT_A_PICTURE = "not-a-picture"
    NOT_FOUND = "not-found"
    REDIRECTS = "redirects"  # too many, or to where we do not follow
    ROBOTS = "robots"  # the site asks robots to stay away from that page
    STATUS = "unexpected-status"
    TOO_LARGE = "too-large"  # bytes, pixels or frames
    UNSUPPORTED = "unsupported"  # a kind of picture that we do not keep


@dataclass(frozen=True)
class Validators:
    """What a host says of a version of a picture, to be asked whether it has another."""

    etag: str = ""
    last_modified: str = ""


NOTHING_KNOWN: Final = Validators()


@dataclass(frozen=True)
class Measured:
    """A picture whose bytes were decoded: kind, size in pixels, frames."""

    content: bytes
    media_type: str
    width: int
    height: int
    frames: int
    validators: Validators = NOTHING_KNOWN


@dataclass(frozen=True)
class Unchanged:
    """The host has no other version than the one that we asked about."""


@dataclass(frozen=True)
class Failed:
    kind: Failure
    why: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}"


@dataclass(frozen=True)
class Later:
    """Not now: it was slow, away or busy. *after* is what the host asked for, in seconds."""

    why: str
    after: float | None = None
    blames_host: bool = True  # counts towards the host's breaker
    counts: bool = True  # was one of the attempts that a picture has

    def __str__(self) -> str:
        return self.why


Outcome = Measured | Unchanged | Failed | Later
