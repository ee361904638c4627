"""Cases 90 to 98: pictures that are bombs, or broken. All are decoded in bounded memory."""

import io
import struct
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture
from tests.integration.images.hostile.server import response
from tests.integration.images.hostile.web import fetch_in_child

MB = 1024 * 1024
AVIF = Path(__file__).with_name("64-megapixels.avif").read_bytes()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def make_png(
    width: int, height: int, *chunks: bytes, depth: int = 8, colours: int = 2, data: bytes = b"\0"
) -> bytes:
    """A PNG whose header claims any size; 57 bytes, and its content."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    body = [
        png_chunk(b"IHDR", header),
        *chunks,
        png_chunk(b"IDAT", zlib.compress(data)),
        png_chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def encode(kind: str, picture: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def make_gif(frames: int) -> bytes:
    pictures = [Image.new("P", (4, 4), number % 256) for number in range(frames)]
    return encode(
        "GIF", pictures[0], save_all=True, append_images=pictures[1:], duration=20, optimize=False
    )


def make_bmp(depth: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, 10, 10, 1, depth, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 400, 0, 0, 54) + head + bytes(400)


async def fetch_body_in_child(host, body, seconds=30.0):
    host.responses["/x"] = response(200, body)
    return await fetch_in_child(host.url("/x"), seconds)


@pytest.mark.hostile(90)
@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (8_000, 8_000), (50_000_001, 1)])
async def test_a_small_png_that_claims_too_many_pixels_is_refused_undecoded(host, width, height):
    body = make_png(width, height)
    assert len(body) < 138
    fetched = await fetch_body_in_child(host, body)
    assert fetched.outcome == FailureKind.TOO_LARGE
    assert fetched.grown < 32


@pytest.mark.hostile(90)
async def test_a_small_png_of_nearly_too_many_pixels_is_decoded_in_bounded_memory(host):
    fetched = await fetch_body_in_child(
        host, make_png(7_000, 7_000, data=bytes((7_000 * 3 + 1) * 7_000))
    )
    assert fetched.outcome == VerifiedPicture.__name__
    assert fetched.grown < 300


@pytest.mark.hostile(91)
@pytest.mark.parametrize(
    ("width", "height", "outcome"),
    [
        (0, 0, FailureKind.BROKEN),
        (0, 5, FailureKind.BROKEN),
        (2**32 - 1, 2**32 - 1, FailureKind.TOO_LARGE),
        (2**31, 1, FailureKind.TOO_LARGE),
        (2**31 - 1, 2**31 - 1, FailureKind.TOO_LARGE),
    ],
)
async def test_impossible_sizes_are_refused(host, width, height, outcome):
    fetched = await fetch_body_in_child(host, make_png(width, height))
    assert fetched.outcome == outcome
    assert fetched.grown < 32


@pytest.mark.hostile(92)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
async def test_a_truncated_picture_is_broken(web, host, kind, share):
    body = encode(kind, Image.effect_noise((64, 64), 90).convert("RGB"))
    host.responses["/x"] = response(200, body[: int(len(body) * share)])
    assert await web.fetch_kind(host.url("/x")) == FailureKind.BROKEN


@pytest.mark.hostile(93)
@pytest.mark.parametrize("name", ["zTXt", "iCCP", "iTXt", "many"])
async def test_a_bomb_beside_the_picture_is_not_inflated(host, name):
    bomb = zlib.compress(bytes(300 * MB), 9)
    chunks = {
        "zTXt": [png_chunk(b"zTXt", b"Comment\0\0" + bomb)],
        "iCCP": [png_chunk(b"iCCP", b"profile\0\0" + bomb)],
        "iTXt": [png_chunk(b"iTXt", b"Comment\0\1\0en\0\0" + bomb)],
        "many": [png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(900 * 1024), 9))] * 500,
    }[name]
    fetched = await fetch_body_in_child(host, make_png(4, 4, *chunks, data=bytes(13 * 4)))
    assert fetched.outcome == VerifiedPicture.__name__
    assert fetched.grown < 150
    assert fetched.seconds < 15


@pytest.mark.hostile(94)
async def test_a_gif_of_1024_frames_is_refused(host):
    fetched = await fetch_body_in_child(host, make_gif(1_024))
    assert fetched.outcome == FailureKind.TOO_LARGE
    assert fetched.grown < 64


@pytest.mark.hostile(94)
async def test_other_animations_are_counted_too(host):
    frames = [Image.new("RGB", (700, 700), (255 * (n % 2), 2 * n, 0)) for n in range(120)]
    for kind in ("WEBP", "PNG", "GIF", "AVIF"):
        fetched = await fetch_body_in_child(
            host, encode(kind, frames[0], save_all=True, append_images=frames[1:], speed=10)
        )
        assert (kind, fetched.outcome) == (kind, FailureKind.TOO_LARGE)
        assert fetched.grown < 150
    claims = make_png(
        4, 4, png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)), data=bytes(13 * 4)
    )
    assert (await fetch_body_in_child(host, claims)).outcome == FailureKind.TOO_LARGE


@pytest.mark.hostile(95)
async def test_a_kilobyte_of_avif_with_64_megapixels_is_refused(host):
    assert len(AVIF) < 1024
    fetched = await fetch_body_in_child(host, AVIF)
    assert fetched.outcome == FailureKind.TOO_LARGE
    assert fetched.grown < 64


@pytest.mark.hostile(96)
async def test_a_giant_svg_is_not_parsed(host):
    drawing = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="99999999" height="99999999">'
        + b"<g>" * 4_000_000
    )
    fetched = await fetch_body_in_child(host, drawing[: 14 * MB])
    assert fetched.outcome == FailureKind.UNSUPPORTED
    assert fetched.grown < 64
    host.responses["/x"] = response(200, drawing + drawing)
    assert (await fetch_in_child(host.url("/x"))).outcome == FailureKind.TOO_LARGE


@pytest.mark.hostile(97)
@pytest.mark.parametrize("depth", [0, 3, 24, 65535])
async def test_a_bmp_is_not_kept_whatever_its_depth(web, host, depth):
    host.responses["/x"] = response(200, make_bmp(depth))
    assert await web.fetch_kind(host.url("/x")) == FailureKind.UNSUPPORTED


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
async def test_broken_exif_is_ignored(web, host, exif):
    for kind in ("JPEG", "WEBP", "PNG"):
        host.responses["/x"] = response(200, encode(kind, Image.new("RGB", (40, 30)), exif=exif))
        outcome = await web.fetch(host.url("/x"))
        assert isinstance(outcome, VerifiedPicture)
        assert (outcome.width, outcome.height) == (40, 30)


@pytest.mark.hostile(98)
@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))]
)
async def test_the_size_is_that_of_the_upright_picture(web, host, orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    host.responses["/x"] = response(200, encode("JPEG", Image.new("RGB", (40, 30)), exif=exif))
    outcome = await web.fetch(host.url("/x"))
    assert (outcome.width, outcome.height) == size


@pytest.mark.hostile(98)
@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("I;16", "PNG"), ("1", "PNG"), ("LA", "PNG")],
)
async def test_uncommon_colours_are_fine(web, host, mode, kind):
    host.responses["/x"] = response(200, encode(kind, Image.new(mode, (40, 30))))
    assert await web.fetch_kind(host.url("/x")) == VerifiedPicture


def test_decoding_time_is_bounded_by_the_pixels():
    start = time.process_time()
    outcome = verify_picture(make_png(7_000, 7_000, depth=16, colours=6, data=bytes(1000)))
    assert isinstance(outcome, Failure)
    assert time.process_time() - start < 20
