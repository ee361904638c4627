"""Which format bytes have, by their first bytes, whatever the name or the header says."""

import re
from typing import Final

from services.enrichment.images.fetch_outcome import Failure, FailureKind

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")  # that we keep, by Pillow's names

_SIGNATURES: Final = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_MAX_FILE_TYPE_BYTES: Final = 1024  # real boxes have 20 to 50 bytes
_UNSUPPORTED_FORMATS: Final = (
    (re.compile(rb"....ftyp(hei|hev|mif|msf)", re.DOTALL), "HEIC"),
    (re.compile(rb"\s*<(svg|\?xml|!doctype svg)", re.IGNORECASE), "SVG, or other XML"),
    (re.compile(rb"\x1f\x8b"), "a compressed file"),
    (re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL), "BMP"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "TIFF"),
    (re.compile(rb"\x00\x00\x01\x00"), "an icon"),
)


def detect_format(content: bytes) -> str | Failure:
    """One of FORMATS, or why the bytes are no picture that we keep."""
    for pattern, picture_format in _SIGNATURES:
        if pattern.match(content):
            return picture_format
    if _AVIF_BRANDS.intersection(list_brands(content)):
        return "AVIF"
    for pattern, name in _UNSUPPORTED_FORMATS:
        if pattern.match(content[:4096]):
            reason = f"it is {name}; JPEG, PNG, GIF, WebP and AVIF are kept"
            return Failure(FailureKind.UNSUPPORTED, reason)
    return Failure(FailureKind.NOT_A_PICTURE, "its first bytes are those of no picture")


def list_brands(content: bytes) -> list[bytes]:
    """The brands of an ISO media file, the major one first; none if it is another file.

    Encoders are free to put a general brand (`mif1`) first, so a browser looks at all of them.
    """
    if content[4:8] != b"ftyp":
        return []
    size = min(int.from_bytes(content[:4]), len(content), _MAX_FILE_TYPE_BYTES)
    starts = [8, *range(16, size - 3, 4)]  # between them: the version
    return [content[start : start + 4] for start in starts]
