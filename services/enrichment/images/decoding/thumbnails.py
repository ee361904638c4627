"""What is made from a picture: thumbnails, a placeholder, the dominant colour.

Blocks: run it in the decoding pool.
"""

import io
from collections.abc import Callable
from typing import Final

from fast_blurhash import encode
from PIL import Image, ImageFile

from services.enrichment.images.decoding.decoder_errors import DECODER_ERRORS, describe_error
from services.enrichment.images.decoding.derivatives import Derivatives, RenderedThumbnail
from services.enrichment.images.decoding.exif_orientation import (
    measure_upright,
    read_orientation,
    turn_upright,
)
from services.enrichment.images.decoding.picture_file import PictureFile
from services.enrichment.images.decoding.picture_format import detect_format
from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.fetch_outcome import Failure, FailureKind

WIDTHS: Final = (320, 640, 1280)
"""Pixels: a card on a page, the same on a screen of double density, a lead. Of the pictures that
real seeds claim, a tenth is narrower than 624, half narrower than 1200, a tenth wider than 1920:
few have fewer than the first two."""

WEBP_QUALITY: Final = 80  # a quarter of the JPEG's bytes, at no difference that we saw
BLURHASH_COMPONENTS: Final = (4, 3)  # 28 characters, as most pages use
SKETCH_SIZE: Final = 32  # pixels of the longer side that blurhash and colour are computed from
COLOURS: Final = 8  # that the sketch is reduced to, to find the dominant one
_LARGEST: Final = max(WIDTHS)


async def make_derivatives_in_pool(content: bytes, pool: DecodingPool) -> Derivatives | Failure:
    """As `try_make_derivatives`, without blocking the loop.

    Raises DecoderUnavailable if this machine cannot start a process now.
    """
    try:
        return await pool.run(try_make_derivatives, content)
    except DecodingProcessDied as error:
        return _no_thumbnail(FailureKind.BROKEN, str(error))


def try_make_derivatives(content: bytes) -> Derivatives | Failure:
    """The derivatives of a picture, or why there are none.

    Errors become failures here, in the process, where none of our own trouble can be mistaken for
    the picture's.
    """
    return _attempt(lambda: make_derivatives(content))


def make_derivatives(content: bytes) -> Derivatives:
    """Everything made from *content*, a verified picture; of an animation, from its first frame.

    Thumbnails are upright and narrower than the picture. Raises what Pillow raises.
    """
    picture_format = detect_format(content)
    assert isinstance(picture_format, str)
    file = PictureFile(content, picture_format)
    file.check_end()
    with file.open() as image:
        return derive(image)


def try_derive(image: ImageFile.ImageFile) -> Derivatives | Failure:
    """As `derive`; what Pillow raises becomes a failure."""
    return _attempt(lambda: derive(image))


def can_be_drafted(image: ImageFile.ImageFile) -> bool:
    """Whether derivatives need only a fraction of its pixels: true of a large JPEG."""
    return image.format == "JPEG" and min(image.size) >= 2 * _LARGEST


def derive(image: ImageFile.ImageFile) -> Derivatives:
    """The derivatives of an open picture, which is decoded unless it was."""
    stored_size = image.size
    image.draft("RGB", (_LARGEST, _LARGEST))  # a large JPEG is decoded at a fraction of its size
    image.seek(0)
    image.load()
    orientation = read_orientation(image)
    picture = _to_plain_mode(turn_upright(image, orientation))
    width, _ = measure_upright(stored_size, orientation)
    narrower = [thumbnail_width for thumbnail_width in WIDTHS if thumbnail_width < width]
    thumbnails = [_render_thumbnail(picture, thumbnail_width) for thumbnail_width in narrower]
    sketch = _flatten(picture)
    sketch.thumbnail((SKETCH_SIZE, SKETCH_SIZE))
    return Derivatives(tuple(thumbnails), _blurhash(sketch), _dominant_colour(sketch))


def measure_thumbnail(content: bytes) -> tuple[int, int] | None:
    """Width and height of a thumbnail, or None if it cannot be decoded."""
    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as image:
            image.load()
            return image.size
    except (OSError, ValueError, SyntaxError):
        return None


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """RGB, or RGBA if it is transparent somewhere."""
    if image.mode == "I;16":
        return _reduce_depth(image)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _reduce_depth(image: Image.Image) -> Image.Image:
    """Grey of 16 bits as RGB or RGBA. Pillow would show all but the darkest 256 greys as white."""
    wide = image.convert("I")
    grey = wide.point([value >> 8 for value in range(1 << 16)], "L")
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey.convert("RGB")
    opacity = [255] * (1 << 16)
    opacity[transparent] = 0
    grey.putalpha(wide.point(opacity, "L"))
    return grey.convert("RGBA")


def _render_thumbnail(picture: Image.Image, width: int) -> RenderedThumbnail:
    height = max(1, round(picture.height * width / picture.width))
    small = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=WEBP_QUALITY, method=4)
    return RenderedThumbnail(buffer.getvalue(), width, height)


def _flatten(picture: Image.Image) -> Image.Image:
    """A copy in RGB, on white where it is transparent."""
    if picture.mode == "RGB":
        return picture.copy()
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _blurhash(sketch: Image.Image) -> str:
    width, height = sketch.size
    longer, shorter = BLURHASH_COMPONENTS
    across, down = (longer, shorter) if width >= height else (shorter, longer)
    return encode(sketch.tobytes(), across, down, width=width, height=height)


def _dominant_colour(sketch: Image.Image) -> str:
    """The most frequent of the few colours that the sketch is reduced to."""
    reduced = sketch.quantize(COLOURS)
    counts = reduced.histogram()
    index = max(range(COLOURS), key=counts.__getitem__)
    palette = reduced.getpalette() or []
    red, green, blue = palette[3 * index : 3 * index + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _attempt(make: Callable[[], Derivatives]) -> Derivatives | Failure:
    """What *make* returns; what Pillow raises becomes a failure."""
    try:
        return make()
    except MemoryError:
        return _no_thumbnail(FailureKind.TOO_LARGE, "it takes too much memory")
    except DECODER_ERRORS as error:
        return _no_thumbnail(FailureKind.BROKEN, describe_error(error))


def _no_thumbnail(kind: FailureKind, reason: str) -> Failure:
    return Failure(kind, f"no thumbnail could be made: {reason}")
