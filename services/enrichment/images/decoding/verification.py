"""Whether bytes are a picture that we keep, and how large it is: judged by its bytes, decoded to be sure."""

import io
import re
import struct
import warnings
import zlib
from dataclasses import replace
from typing import Final

from PIL import Image, ImageFile

from services.enrichment.images.decoding.process_pool import Died, Pool
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Measured
from services.enrichment.images.limits import FRAMES, PIXELS

ORIENTATION: Final = 0x0112  # of EXIF

_KINDS: Final = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"GIF8[79]a"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
)
_OTHERS: Final = (
    (re.compile(rb"....ftyp(hei|hev|mif|msf)", re.DOTALL), "HEIC"),
    (re.compile(rb"\s*<(svg|\?xml|!doctype svg)", re.IGNORECASE), "SVG, or other XML"),
    (re.compile(rb"\x1f\x8b"), "a compressed file"),
    (re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL), "BMP"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "TIFF"),
    (re.compile(rb"\x00\x00\x01\x00"), "an icon"),
)
BROKEN: Final = (
    *(OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error),
    *(LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RuntimeError),
)  # what decoders raise at bytes that they do not understand

Image.MAX_IMAGE_PIXELS = PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
ImageFile.LOAD_TRUNCATED_IMAGES = False


class Verifier:
    """Decodes in *pool*: a small file can keep a decoder busy for an hour, and only a process can be stopped."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def verify(self, content: bytes) -> Measured | Failed:
        kind = _kind(content)
        if isinstance(kind, Failed):
            return kind
        try:
            measured = await self._pool.run(sized, content)
        except Died as error:
            return Failed(Failure.BROKEN, f"it cannot be decoded: {error}")
        return replace(measured, content=content) if isinstance(measured, Measured) else measured


def sized(content: bytes) -> Measured | Failed:
    """As `measure`, without the bytes: whoever asks has them."""
    measured = measure(content)
    return replace(measured, content=b"") if isinstance(measured, Measured) else measured


def measure(content: bytes) -> Measured | Failed:
    """The picture with its true kind and size, or why it is none that we keep. Blocks while it decodes."""
    kind = _kind(content)
    if isinstance(kind, Failed):
        return kind
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            return _too_large(picture) or _decoded(picture, kind, content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        return Failed(Failure.TOO_LARGE, str(error) or "it does not fit into memory")
    except BROKEN as error:
        return Failed(
            Failure.BROKEN, f"it cannot be decoded: {str(error)[:200] or type(error).__name__}"
        )


def _decoded(picture: Image.Image, kind: str, content: bytes) -> Measured | Failed:
    width, height = picture.size
    frames = _frames(picture, min(FRAMES, PIXELS // (width * height)))
    if frames > FRAMES or width * height * frames > PIXELS:
        return Failed(Failure.TOO_LARGE, f"it has {width} x {height} pixels in {frames} frames")
    picture.seek(0)
    picture.load()
    if orientation(picture) >= 5:  # it lies on its side
        width, height = height, width
    return Measured(content, f"image/{kind.lower()}", width, height, frames)


def orientation(picture: Image.Image) -> int:
    """How a camera was held, 1 to 8; 1 is upright. Broken EXIF turns nothing."""
    try:
        held = int(picture.getexif().get(ORIENTATION, 1))
    except BROKEN:
        return 1
    return held if 1 <= held <= 8 else 1


def _too_large(picture: Image.Image) -> Failed | None:
    width, height = picture.size
    if width * height > PIXELS:
        return Failed(Failure.TOO_LARGE, f"it claims {width} x {height} pixels")
    return (
        None if width and height else Failed(Failure.BROKEN, f"it claims {width} x {height} pixels")
    )


def _frames(picture: Image.Image, most: int) -> int:
    """How many frames, counted up to one more than *most*: there may be thousands, and each is drawn as a whole."""
    if picture.format != "GIF":
        return int(getattr(picture, "n_frames", 1))
    for number in range(1, most + 1):
        try:
            picture.seek(number)
        except EOFError:
            return number
    return most + 1


def _kind(content: bytes) -> str | Failed:
    for pattern, kind in _KINDS:
        if pattern.match(content):
            return kind
    for pattern, kind in _OTHERS:
        if pattern.match(content[:4096]):
            return Failed(
                Failure.UNSUPPORTED, f"it is {kind}; JPEG, PNG, GIF, WebP and AVIF are kept"
            )
    return Failed(Failure.NOT_A_PICTURE, "its first bytes are those of no picture")
