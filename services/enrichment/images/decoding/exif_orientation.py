"""Which way up a picture is shown: the EXIF of its file says how its stored pixels are turned."""

from typing import Final

from PIL import Image

from services.enrichment.images.decoding.decoder_errors import DECODER_ERRORS

UPRIGHT: Final = 1
"""The orientation of pixels that are stored as they are shown."""

_ORIENTATION_TAG: Final = 0x0112
_FIRST_ON_ITS_SIDE: Final = 5
_TRANSPOSITIONS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 to 8. Broken EXIF turns nothing, and XMP never does."""
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        orientation = int(exif.get(_ORIENTATION_TAG, UPRIGHT))
    except DECODER_ERRORS:
        return UPRIGHT
    return orientation if orientation in _TRANSPOSITIONS else UPRIGHT


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it is shown; *image* itself if its pixels are stored like that."""
    if orientation == UPRIGHT:
        return image
    return image.transpose(_TRANSPOSITIONS[orientation])


def measure_upright(stored_size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Width and height of the picture as it is shown, in pixels."""
    width, height = stored_size
    return (height, width) if orientation >= _FIRST_ON_ITS_SIDE else (width, height)
