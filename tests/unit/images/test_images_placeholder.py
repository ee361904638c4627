"""Our blurhashes are those of the library, which decodes them for the contact sheet."""

import random

import blurhash as library
import pytest

from services.enrichment.images.placeholder import blurhash


def rows(pixels: bytes, width: int) -> list[list[bytes]]:
    line = 3 * width
    return [[pixels[x : x + 3] for x in range(y, y + line, 3)] for y in range(0, len(pixels), line)]


@pytest.mark.parametrize("size", [(32, 18), (18, 32), (1, 32), (32, 1), (1, 1), (7, 5)])
@pytest.mark.parametrize("waves", [(4, 3), (3, 4), (1, 1), (9, 9)])
def test_a_blurhash_is_that_of_the_library(size: tuple[int, int], waves: tuple[int, int]):
    width, height = size
    for seed in range(10):
        pixels = random.Random(seed).randbytes(3 * width * height)
        known = library.encode(rows(pixels, width), components_x=waves[0], components_y=waves[1])
        assert blurhash(pixels, width, *waves) == known


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (1, 2, 3), (255, 0, 0)])
def test_of_one_colour_it_is_that_colour(colour: tuple[int, int, int]):
    pixels = bytes(colour) * 32 * 18
    assert blurhash(pixels, 32, 4, 3) == library.encode(rows(pixels, 32), components_x=4, components_y=3)
