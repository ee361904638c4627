"""Whether bytes are a picture that we keep, and its size: by its first bytes, then by decoding it."""

import io
import re
import struct
import warnings
import zlib
from dataclasses import replace
from typing import Final

from PIL import Image, ImageFile

from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture
from services.enrichment.images.limits import MAX_FRAMES, MAX_PIXELS

EXIF_ORIENTATION: Final = 0x0112

_FORMATS: Final = (  # by their first bytes, with Pillow's names
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
)
_UNSUPPORTED_FORMATS: Final = (
    (re.compile(rb"....ftyp(hei|hev|mif|msf)", re.DOTALL), "HEIC"),
    (re.compile(rb"\s*<(svg|\?xml|!doctype svg)", re.IGNORECASE), "SVG, or other XML"),
    (re.compile(rb"\x1f\x8b"), "a compressed file"),
    (re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL), "BMP"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "TIFF"),
    (re.compile(rb"\x00\x00\x01\x00"), "an icon"),
)
DECODER_ERRORS: Final = (  # what decoders raise at bytes that they do not understand
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
)

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
ImageFile.LOAD_TRUNCATED_IMAGES = False


class PictureVerifier:
    """Verifies in *pool*: a small file can keep a decoder busy for an hour, and only a process can
    be stopped."""

    def __init__(self, pool: DecodingPool) -> None:
        self._pool = pool

    async def verify(self, content: bytes) -> VerifiedPicture | Failure:
        """As `verify_picture`, without blocking the loop.

        Raises StoreUnavailable if this machine cannot start a process now.
        """
        picture_format = _detect_format(content)
        if isinstance(picture_format, Failure):
            return picture_format
        try:
            picture = await self._pool.run(_verify_and_drop_content, content)
        except DecodingProcessDied as error:
            return _undecodable(str(error))
        if isinstance(picture, Failure):
            return picture
        return replace(picture, content=content)


def verify_picture(content: bytes) -> VerifiedPicture | Failure:
    """The picture with its true format and size, or why it is none that we keep.

    Blocks while it decodes.
    """
    picture_format = _detect_format(content)
    if isinstance(picture_format, Failure):
        return picture_format
    try:
        with Image.open(io.BytesIO(content), formats=[picture_format]) as image:
            return _check_size(image) or _decode(image, picture_format, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        return Failure(FailureKind.TOO_LARGE, str(error) or "it does not fit into memory")
    except DECODER_ERRORS as error:
        return _undecodable(str(error)[:200] or type(error).__name__)


def read_orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1 is upright. Broken EXIF turns nothing."""
    try:
        orientation = int(image.getexif().get(EXIF_ORIENTATION, 1))
    except DECODER_ERRORS:
        return 1
    return orientation if 1 <= orientation <= 8 else 1


def _verify_and_drop_content(content: bytes) -> VerifiedPicture | Failure:
    """The caller has the bytes: they need not travel back from the process."""
    picture = verify_picture(content)
    if isinstance(picture, Failure):
        return picture
    return replace(picture, content=b"")


def _decode(image: Image.Image, picture_format: str, content: bytes) -> VerifiedPicture | Failure:
    width, height = image.size
    frames = _count_frames(image, min(MAX_FRAMES, MAX_PIXELS // (width * height)))
    if frames > MAX_FRAMES or width * height * frames > MAX_PIXELS:
        reason = f"it has {width} x {height} pixels in {frames} frames"
        return Failure(FailureKind.TOO_LARGE, reason)
    image.seek(0)
    image.load()
    if read_orientation(image) >= 5:  # it lies on its side
        width, height = height, width
    return VerifiedPicture(content, f"image/{picture_format.lower()}", width, height, frames)


def _check_size(image: Image.Image) -> Failure | None:
    width, height = image.size
    reason = f"it claims {width} x {height} pixels"
    if width * height > MAX_PIXELS:
        return Failure(FailureKind.TOO_LARGE, reason)
    if not (width and height):
        return Failure(FailureKind.BROKEN, reason)
    return None


def _count_frames(image: Image.Image, most: int) -> int:
    """The frames, counted up to one more than *most*.

    A GIF may have thousands, and Pillow draws each as a whole.
    """
    if image.format != "GIF":
        return int(getattr(image, "n_frames", 1))
    for number in range(1, most + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    return most + 1


def _detect_format(content: bytes) -> str | Failure:
    for pattern, picture_format in _FORMATS:
        if pattern.match(content):
            return picture_format
    for pattern, name in _UNSUPPORTED_FORMATS:
        if pattern.match(content[:4096]):
            reason = f"it is {name}; JPEG, PNG, GIF, WebP and AVIF are kept"
            return Failure(FailureKind.UNSUPPORTED, reason)
    return Failure(FailureKind.NOT_A_PICTURE, "its first bytes are those of no picture")


def _undecodable(reason: str) -> Failure:
    return Failure(FailureKind.BROKEN, f"it cannot be decoded: {reason}")
