"""Pictures that a camera turned are shown upright."""

import pytest
from PIL import Image, ImageOps

from services.enrichment.images.decoding.exif_orientation import (
    UPRIGHT,
    measure_upright,
    read_orientation,
    turn_upright,
)

TAG = 0x0112


def draw_turned(orientation: int) -> Image.Image:
    """Six pixels of six colours, and what a camera notes of them."""
    image = Image.new("L", (3, 2))
    image.putdata([10, 20, 30, 40, 50, 60])
    exif = Image.Exif()
    exif[TAG] = orientation
    image.info["exif"] = exif.tobytes()
    return image


def list_pixels(image: Image.Image) -> tuple[tuple[int, int], bytes]:
    return image.size, image.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_pillow_turns_it(orientation: int):
    image = draw_turned(orientation)
    upright = turn_upright(image, read_orientation(image))
    assert list_pixels(upright) == list_pixels(ImageOps.exif_transpose(draw_turned(orientation)))
    assert measure_upright(image.size, orientation) == upright.size


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_orientation_that_exif_does_not_know_turns_nothing(orientation: int):
    assert read_orientation(draw_turned(orientation)) == UPRIGHT


def test_a_picture_without_exif_is_upright():
    assert read_orientation(Image.new("L", (3, 2))) == UPRIGHT
