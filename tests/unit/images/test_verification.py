"""What counts as a picture, by its bytes."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Measured


def encoded(
    kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 7).save(buffer, kind, **options)
    return buffer.getvalue()


def animated(frames: int) -> bytes:
    pictures = [
        Image.new("RGB", (4, 4), (number % 256, number // 2 % 256, 9)) for number in range(frames)
    ]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=20)
    return buffer.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_the_kinds_we_keep_are_measured(kind: str):
    content = encoded(kind)
    assert measure(content) == Measured(content, f"image/{kind.lower()}", 40, 30, 1)


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "JPEG"), ("I;16", "PNG"), ("RGBA", "WEBP")]
)
def test_uncommon_colours_are_fine(mode: str, kind: str):
    assert isinstance(measure(encoded(kind, mode=mode)), Measured)


def test_frames_are_counted():
    assert measure(animated(5)).frames == 5


def failure(content: bytes) -> Failure:
    outcome = measure(content)
    assert isinstance(outcome, Failed), outcome
    assert outcome.why
    return outcome.kind


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"\x1f\x8b\x08gzip",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        encoded("BMP"),
        encoded("TIFF"),
    ],
)
def test_kinds_we_do_not_keep_are_unsupported(content: bytes):
    assert failure(content) == Failure.UNSUPPORTED


@pytest.mark.parametrize(
    "content", [b"", b"<html><img src=x>", b"%PDF-1.7", b"\0\0\0\x18ftypisom", b"ID3\x03"]
)
def test_other_files_are_no_pictures(content: bytes):
    assert failure(content) == Failure.NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_a_picture_that_was_cut_off_is_broken_or_whole(kind: str, share: float):
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, kind)
    cut = buffer.getvalue()[: int(len(buffer.getvalue()) * share)]
    assert failure(cut) in (Failure.BROKEN, Failure.NOT_A_PICTURE)


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (8_000, 7_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_claim_of_too_many_pixels_is_refused_undecoded(width: int, height: int):
    assert failure(png_that_claims(width, height)) in (Failure.TOO_LARGE, Failure.BROKEN)


def test_no_pixels_at_all_is_broken():
    assert failure(png_that_claims(0, 0)) == Failure.BROKEN


def test_too_many_frames_are_refused():
    assert failure(animated(600)) == Failure.TOO_LARGE


def test_a_script_behind_a_gif_head_is_broken():
    assert failure(b"GIF89a/*" + b"\xff" * 20 + b"*/=1;alert(1)") == Failure.BROKEN


def test_frames_are_counted_no_further_than_their_pixels_are_let_in():
    side = (7_000).to_bytes(2, "little") * 2
    frame = b"\x21\xf9\x04\x09\0\0\0\0\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\1\0"
    content = b"GIF89a" + side + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frame * 40 + b";"
    since = time.monotonic()
    outcome = measure(content)
    assert isinstance(outcome, Failed)
    assert outcome.kind is Failure.TOO_LARGE
    assert time.monotonic() - since < 10  # half a second for each frame that is looked at


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_whatever_byte_is_broken_it_comes_to_an_outcome(kind: str):
    buffer = io.BytesIO()
    Image.effect_noise((40, 30), 50).convert("RGB").save(buffer, kind)
    content = buffer.getvalue()
    for place in range(min(len(content), 600)):
        for value in (0, 255, content[place] ^ 1):
            broken = content[:place] + bytes([value]) + content[place + 1 :]
            assert isinstance(measure(broken), (Measured, Failed))
