"""Cases 90 to 98: pictures that are bombs, or broken. What is decoded is decoded in bounded memory."""

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Measured
from tests.integration.images.hostile.server import answered
from tests.integration.images.hostile.web import bounded

MB = 1024 * 1024
AVIF = Path(__file__).with_name("64-megapixels.avif").read_bytes()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colours: int = 2, data: bytes = b"\0"
) -> bytes:
    """A PNG whose head claims what it likes; 45 + 12 bytes and what is in it."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    body = [
        chunk(b"IHDR", header),
        *chunks,
        chunk(b"IDAT", zlib.compress(data)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def encoded(kind: str, picture: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def gif(frames: int) -> bytes:
    pictures = [Image.new("P", (4, 4), number % 256) for number in range(frames)]
    return encoded(
        "GIF", pictures[0], save_all=True, append_images=pictures[1:], duration=20, optimize=False
    )


def bmp(depth: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 10, 10, 1, depth, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 400, 0, 0, 54) + head + bytes(400)


async def fetched(host, body, seconds=30.0):
    host.answers["/x"] = answered(200, body)
    return await bounded(host.url("/x"), seconds)


@pytest.mark.hostile(90)
@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (8_000, 8_000), (50_000_001, 1)])
async def test_a_small_png_that_claims_much_is_refused_undecoded(host, width, height):
    body = png(width, height)
    assert len(body) < 138
    found = await fetched(host, body)
    assert found.outcome == Failure.TOO_LARGE
    assert found.grown < 32


@pytest.mark.hostile(90)
async def test_a_small_png_that_holds_nearly_too_much_is_decoded_in_bounded_memory(host):
    found = await fetched(host, png(7_000, 7_000, data=bytes((7_000 * 3 + 1) * 7_000)))
    assert found.outcome == Measured.__name__
    assert found.grown < 300


@pytest.mark.hostile(91)
@pytest.mark.parametrize(
    ("width", "height", "outcome"),
    [
        (0, 0, Failure.BROKEN),
        (0, 5, Failure.BROKEN),
        (2**32 - 1, 2**32 - 1, Failure.TOO_LARGE),
        (2**31, 1, Failure.TOO_LARGE),
        (2**31 - 1, 2**31 - 1, Failure.TOO_LARGE),
    ],
)
async def test_sizes_of_nothing_and_of_everything_are_refused(host, width, height, outcome):
    found = await fetched(host, png(width, height))
    assert found.outcome == outcome
    assert found.grown < 32


@pytest.mark.hostile(92)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
async def test_a_picture_that_was_cut_off_is_broken(web, host, kind, share):
    body = encoded(kind, Image.effect_noise((64, 64), 90).convert("RGB"))
    host.answers["/x"] = answered(200, body[: int(len(body) * share)])
    assert await web.kind(host.url("/x")) == Failure.BROKEN


@pytest.mark.hostile(93)
@pytest.mark.parametrize("name", ["zTXt", "iCCP", "iTXt", "many"])
async def test_a_bomb_beside_the_picture_is_not_inflated(host, name):
    bomb = zlib.compress(bytes(300 * MB), 9)
    chunks = {
        "zTXt": [chunk(b"zTXt", b"Comment\0\0" + bomb)],
        "iCCP": [chunk(b"iCCP", b"profile\0\0" + bomb)],
        "iTXt": [chunk(b"iTXt", b"Comment\0\1\0en\0\0" + bomb)],
        "many": [chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(900 * 1024), 9))] * 500,
    }[name]
    found = await fetched(host, png(4, 4, *chunks, data=bytes(13 * 4)))
    assert found.outcome == Failure.BROKEN
    assert found.grown < 150
    assert found.seconds < 15


@pytest.mark.hostile(94)
async def test_a_gif_of_1024_frames_is_refused(host):
    found = await fetched(host, gif(1_024))
    assert found.outcome == Failure.TOO_LARGE
    assert found.grown < 64


@pytest.mark.hostile(94)
async def test_other_animations_are_counted_too(host):
    frames = [Image.new("RGB", (700, 700), (255 * (n % 2), 2 * n, 0)) for n in range(120)]
    for kind in ("WEBP", "PNG", "GIF", "AVIF"):
        found = await fetched(
            host, encoded(kind, frames[0], save_all=True, append_images=frames[1:], speed=10)
        )
        assert (kind, found.outcome) == (kind, Failure.TOO_LARGE)
        assert found.grown < 150
    claims = png(4, 4, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), data=bytes(13 * 4))
    assert (await fetched(host, claims)).outcome == Failure.TOO_LARGE


@pytest.mark.hostile(95)
async def test_a_kilobyte_of_avif_with_64_megapixels_is_refused(host):
    assert len(AVIF) < 1024
    found = await fetched(host, AVIF)
    assert found.outcome == Failure.TOO_LARGE
    assert found.grown < 64


@pytest.mark.hostile(96)
async def test_a_giant_drawing_is_not_parsed(host):
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="99999999" height="99999999">'
        + b"<g>" * 4_000_000
    )
    found = await fetched(host, drawing[: 14 * MB])
    assert found.outcome == Failure.UNSUPPORTED
    assert found.grown < 64
    host.answers["/x"] = answered(200, drawing + drawing)
    assert (await bounded(host.url("/x"))).outcome == Failure.TOO_LARGE


@pytest.mark.hostile(97)
@pytest.mark.parametrize("depth", [0, 3, 24, 65535])
async def test_a_bmp_is_not_kept_whatever_its_depth(web, host, depth):
    host.answers["/x"] = answered(200, bmp(depth))
    assert await web.kind(host.url("/x")) == Failure.UNSUPPORTED


EXIF = [
    b"Exif\0\0" + b"\xff" * 60,
    b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(40),
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\x03\0\0\0\1\xff\xff\0\0\0\0\0\0",
    b"not exif",
]


@pytest.mark.hostile(98)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("exif", EXIF, ids=range(len(EXIF)))
async def test_broken_exif_is_passed_over(web, host, exif):
    for kind in ("JPEG", "WEBP", "PNG"):
        host.answers["/x"] = answered(200, encoded(kind, Image.new("RGB", (40, 30)), exif=exif))
        outcome = await web.fetch(host.url("/x"))
        assert isinstance(outcome, Measured)
        assert (outcome.width, outcome.height) == (40, 30)


@pytest.mark.hostile(98)
@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))]
)
async def test_a_size_is_that_which_people_see(web, host, orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    host.answers["/x"] = answered(200, encoded("JPEG", Image.new("RGB", (40, 30)), exif=exif))
    outcome = await web.fetch(host.url("/x"))
    assert (outcome.width, outcome.height) == size


@pytest.mark.hostile(98)
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("I;16", "PNG"), ("1", "PNG"), ("LA", "PNG")],
)
async def test_uncommon_colours_are_fine(web, host, mode, kind):
    host.answers["/x"] = answered(200, encoded(kind, Image.new(mode, (40, 30))))
    assert await web.kind(host.url("/x")) == Measured


def test_a_picture_that_takes_long_is_bounded_by_its_pixels():
    since = time.monotonic()
    outcome = measure(png(7_000, 7_000, depth=16, colours=6, data=bytes(1000)))
    assert isinstance(outcome, Failed)
    assert time.monotonic() - since < 20
