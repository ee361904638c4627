"""What is made from a picture."""

import io

import pytest
from fast_blurhash import decode
from PIL import Image

from services.enrichment.images.decoding.thumbnails import WIDTHS, derive
from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Measured


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def plain(width: int, height: int, colour: object = "steelblue", mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), colour)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("width", "made"),
    [(2000, [320, 640, 1280]), (1280, [320, 640]), (641, [320, 640]), (320, []), (1, [])],
)
def test_thumbnails_are_narrower_than_the_picture(width: int, made: list[int]):
    derived = derive(encoded(plain(width, 400)))
    assert [thumbnail.width for thumbnail in derived.thumbnails] == made
    for thumbnail in derived.thumbnails:
        with opened(thumbnail.content) as decoded:
            assert (decoded.format, decoded.size) == ("WEBP", (thumbnail.width, thumbnail.height))
            assert thumbnail.height == max(1, round(400 * thumbnail.width / width))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_kind_that_we_keep_has_thumbnails(kind: str):
    assert len(derive(encoded(plain(700, 500), kind)).thumbnails) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_has_thumbnails(mode: str):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert derive(encoded(Image.new(mode, (700, 500)), kind)).thumbnails


def test_what_is_transparent_stays_so():
    (small, *_) = derive(encoded(plain(700, 500, (255, 0, 0, 0), "RGBA"), "PNG")).thumbnails
    with opened(small.content) as decoded:
        assert decoded.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_of_an_animation_the_first_frame_is_taken():
    frames = [plain(400, 300, "red"), plain(400, 300, "blue")]
    derived = derive(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert derived.colour == "#ff0000"
    with opened(derived.thumbnails[0].content) as decoded:
        assert getattr(decoded, "n_frames", 1) == 1


def test_a_picture_that_a_camera_turned_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    derived = derive(encoded(plain(1000, 500), exif=exif))
    assert [(one.width, one.height) for one in derived.thumbnails] == [(320, 640)]


def test_the_colour_is_the_most_frequent_not_the_mean():
    picture = plain(400, 400, "#102030")
    picture.paste("white", (0, 0, 400, 100))
    red, green, blue = (
        int(derive(encoded(picture, "PNG")).colour[n : n + 2], 16) for n in (1, 3, 5)
    )
    assert max(abs(red - 0x10), abs(green - 0x20), abs(blue - 0x30)) <= 4


def test_the_placeholder_can_be_drawn():
    for size in [(700, 500), (500, 700), (1, 900), (900, 1)]:
        assert len(decode(derive(encoded(plain(*size))).blurhash, 8, 8)) == 8 * 8 * 3


def test_the_placeholder_has_about_the_colours_of_the_picture():
    drawn = decode(derive(encoded(plain(700, 500, (70, 130, 180)), "PNG")).blurhash, 8, 8)
    for channel, value in enumerate((70, 130, 180)):
        assert max(abs(one - value) for one in drawn[channel::3]) < 20


def test_it_is_the_same_every_time():
    content = encoded(plain(1500, 900))
    assert derive(content) == derive(content)


def test_widths_grow():
    assert list(WIDTHS) == sorted(WIDTHS)


def test_half_a_picture_is_an_error():
    with pytest.raises((OSError, SyntaxError)):
        derive(encoded(Image.effect_noise((900, 900), 50), "PNG")[:5000])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_broken_exif_fails_no_picture():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    content = encoded(plain(400, 300), exif=exif)
    begin = content.index(b"Exif") + 6
    for place in range(begin, begin + 60):
        for value in (0, 1, 2, 5, 255):
            broken = content[:place] + bytes([value]) + content[place + 1 :]
            if isinstance(measure(broken), Measured):
                assert derive(broken)
