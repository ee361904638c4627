"""What is made from a picture: thumbnails, placeholder, dominant colour."""

import io
from dataclasses import replace

import pytest
from fast_blurhash import decode
from PIL import Image

from services.enrichment.images.decoding.thumbnails import WIDTHS, make_derivatives
from services.enrichment.images.decoding.verification import (
    verify_picture,
    verify_with_derivatives,
)
from services.enrichment.images.fetch_outcome import Failure, VerifiedPicture


def encode(image: Image.Image, picture_format: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, picture_format, **options)
    return buffer.getvalue()


def open_image(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def plain(width: int, height: int, colour: object = "steelblue", mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), colour)  # type: ignore[arg-type]


def parse_colour(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@pytest.mark.parametrize(
    ("width", "widths"),
    [(2000, [320, 640, 1280]), (1280, [320, 640]), (641, [320, 640]), (320, []), (1, [])],
)
def test_thumbnails_are_narrower_than_the_picture(width: int, widths: list[int]):
    thumbnails = make_derivatives(encode(plain(width, 400))).thumbnails
    assert [thumbnail.width for thumbnail in thumbnails] == widths
    for thumbnail in thumbnails:
        assert thumbnail.height == max(1, round(400 * thumbnail.width / width))
        with open_image(thumbnail.content) as image:
            assert image.format == "WEBP"
            assert image.size == (thumbnail.width, thumbnail.height)


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_format_that_we_keep_has_thumbnails(picture_format: str):
    assert len(make_derivatives(encode(plain(700, 500), picture_format)).thumbnails) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_has_thumbnails(mode: str):
    picture_format = "JPEG" if mode == "CMYK" else "PNG"
    content = encode(Image.new(mode, (700, 500)), picture_format)
    assert make_derivatives(content).thumbnails


def test_transparent_pixels_stay_transparent():
    content = encode(plain(700, 500, (255, 0, 0, 0), "RGBA"), "PNG")
    smallest = make_derivatives(content).thumbnails[0]
    with open_image(smallest.content) as image:
        assert image.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_thumbnails_of_an_animation_show_its_first_frame():
    frames = [plain(400, 300, "red"), plain(400, 300, "blue")]
    content = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    derivatives = make_derivatives(content)
    assert derivatives.colour == "#ff0000"
    with open_image(derivatives.thumbnails[0].content) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_a_picture_that_a_camera_turned_has_upright_thumbnails():
    exif = Image.Exif()
    exif[0x0112] = 6
    derivatives = make_derivatives(encode(plain(1000, 500), exif=exif))
    sizes = [(thumbnail.width, thumbnail.height) for thumbnail in derivatives.thumbnails]
    assert sizes == [(320, 640)]


def test_the_dominant_colour_is_the_most_frequent_not_the_mean():
    image = plain(400, 400, "#102030")
    image.paste("white", (0, 0, 400, 100))
    red, green, blue = parse_colour(make_derivatives(encode(image, "PNG")).colour)
    assert max(abs(red - 0x10), abs(green - 0x20), abs(blue - 0x30)) <= 4


def test_the_placeholder_can_be_drawn():
    for size in [(700, 500), (500, 700), (1, 900), (900, 1)]:
        blurhash = make_derivatives(encode(plain(*size))).blurhash
        assert len(decode(blurhash, 8, 8)) == 8 * 8 * 3


def test_the_placeholder_has_about_the_colours_of_the_picture():
    colour = (70, 130, 180)
    blurhash = make_derivatives(encode(plain(700, 500, colour), "PNG")).blurhash
    pixels = decode(blurhash, 8, 8)
    for channel, value in enumerate(colour):
        deviations = [abs(drawn - value) for drawn in pixels[channel::3]]
        assert max(deviations) < 20


def test_derivatives_are_the_same_every_time():
    content = encode(plain(1500, 900))
    assert make_derivatives(content) == make_derivatives(content)


def test_widths_grow():
    assert list(WIDTHS) == sorted(WIDTHS)


def test_a_truncated_picture_is_an_error():
    content = encode(Image.effect_noise((900, 900), 50), "PNG")
    with pytest.raises((OSError, SyntaxError)):
        make_derivatives(content[:5000])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_fails_no_picture():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    content = encode(plain(400, 300), exif=exif)
    begin = content.index(b"Exif") + 6
    for place in range(begin, begin + 60):
        for value in (0, 1, 2, 5, 255):
            broken = content[:place] + bytes([value]) + content[place + 1 :]
            if isinstance(verify_picture(broken), VerifiedPicture):
                assert make_derivatives(broken)


class TestMadeWhileVerifying:
    """A picture is decoded once: what is made of it then is what would be made of it alone."""

    @pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
    @pytest.mark.parametrize("size", [(60, 40), (700, 500)])
    def test_they_are_those_of_the_picture_alone(self, picture_format: str, size: tuple[int, int]):
        content = encode(Image.effect_noise(size, 90).convert("RGB"), picture_format)
        assert_made_alike(content)

    @pytest.mark.parametrize("size", [(2560, 2559), (2560, 2560), (2600, 5200)])
    def test_a_large_jpeg_is_decoded_at_a_fraction_of_its_size(self, size: tuple[int, int]):
        assert_made_alike(encode(Image.linear_gradient("L").resize(size).convert("RGB")))

    def test_a_turned_picture_is_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        assert_made_alike(encode(Image.effect_noise((700, 500), 90).convert("RGB"), exif=exif))

    def test_a_broken_picture_has_none(self):
        content = encode(plain(700, 500))
        outcome = verify_with_derivatives(content[: len(content) // 2])
        assert isinstance(outcome, Failure)


def assert_made_alike(content: bytes) -> None:
    verified, alone = verify_with_derivatives(content), verify_picture(content)
    assert isinstance(verified, VerifiedPicture)
    assert isinstance(alone, VerifiedPicture)
    assert (verified.content, alone.content) == (b"", content)
    assert replace(verified, content=content) == alone
    assert verified.derivatives == make_derivatives(content)
