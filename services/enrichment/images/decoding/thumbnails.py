"""What is made from a picture: thumbnails, a placeholder, its dominant colour. Blocks: run it in the pool."""

import io
from dataclasses import dataclass
from typing import Final

from fast_blurhash import encode
from PIL import Image

from services.enrichment.images.decoding.verification import orientation
from services.enrichment.images.limits import PIXELS

WIDTHS: Final = (320, 640, 1280)
"""Pixels: a card on a page, the same on a screen of double density, a lead. Of the pictures that real seeds claim,
a tenth is narrower than 624, half narrower than 1200, a tenth wider than 1920: few have less than the first two."""

QUALITY: Final = 80  # of the WebP: a quarter of the bytes of the JPEG it comes from, at no difference that we saw
COMPONENTS: Final = (4, 3)  # of the blurhash: 28 characters, as most pages use
SKETCH: Final = 32  # pixels of the longer side that blurhash and colour are computed from
COLOURS: Final = 8

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.MAX_IMAGE_PIXELS = PIXELS


@dataclass(frozen=True)
class Rendered:
    """A thumbnail: WebP bytes, and its size in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Derived:
    """*colour* as `#rrggbb`; thumbnails narrowest first."""

    thumbnails: tuple[Rendered, ...]
    blurhash: str
    colour: str


def derive(content: bytes) -> Derived:
    """All that is made of *content*, a picture that was verified; of an animation, of its first frame.

    Thumbnails stand upright and are narrower than the picture. Raises what Pillow raises.
    """
    with Image.open(io.BytesIO(content)) as opened:
        width, height = opened.size
        opened.draft(
            "RGB", (max(WIDTHS), max(WIDTHS))
        )  # a large JPEG is decoded at a fraction of its size
        opened.seek(0)
        opened.load()
        held = orientation(opened)
        picture = _plain(opened.transpose(_TURNS[held]) if held in _TURNS else opened)
    if held >= 5:
        width = height
    thumbnails = tuple(_rendered(picture, narrower) for narrower in WIDTHS if narrower < width)
    sketch = _on_white(picture)
    sketch.thumbnail((SKETCH, SKETCH))
    return Derived(thumbnails, _blurhash(sketch), _colour(sketch))


def measured_thumbnail(content: bytes) -> tuple[int, int] | None:
    """Width and height of a thumbnail that can be decoded, or None."""
    try:
        with Image.open(io.BytesIO(content), formats=["WEBP"]) as opened:
            opened.load()
            return opened.size
    except (OSError, ValueError, SyntaxError):
        return None


def _plain(upright: Image.Image) -> Image.Image:
    """In RGB, or in RGBA if it is transparent somewhere."""
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _rendered(picture: Image.Image, width: int) -> Rendered:
    height = max(1, round(picture.height * width / picture.width))
    small = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=QUALITY, method=4)
    return Rendered(buffer.getvalue(), width, height)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture.copy()
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _blurhash(sketch: Image.Image) -> str:
    width, height = sketch.size
    across, down = COMPONENTS if width >= height else COMPONENTS[::-1]
    return encode(sketch.tobytes(), across, down, width=width, height=height)


def _colour(sketch: Image.Image) -> str:
    """The most frequent of a few colours that the picture is reduced to."""
    reduced = sketch.quantize(COLOURS)
    most = max(range(COLOURS), key=reduced.histogram().__getitem__)
    red, green, blue = (reduced.getpalette() or [])[3 * most : 3 * most + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"
