"""What counts as a picture, by its bytes."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]


def encode(
    picture_format: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 7).save(buffer, picture_format, **options)
    return buffer.getvalue()


def encode_noise(picture_format: str, size: tuple[int, int], sigma: int) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, sigma).convert("RGB").save(buffer, picture_format)
    return buffer.getvalue()


def encode_gif(frames: int) -> bytes:
    images = []
    for number in range(frames):
        images.append(Image.new("RGB", (4, 4), (number % 256, number // 2 % 256, 9)))
    buffer = io.BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=20)
    return buffer.getvalue()


def encode_png_claiming(width: int, height: int) -> bytes:
    """A PNG whose header claims any size, with next to no data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in chunks:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        content += struct.pack(">I", len(data)) + name + data + checksum
    return content


def failure_kind(content: bytes) -> FailureKind:
    outcome = verify_picture(content)
    assert isinstance(outcome, Failure), outcome
    assert outcome.reason
    return outcome.kind


@pytest.mark.parametrize("picture_format", FORMATS)
def test_the_formats_we_keep_are_measured(picture_format: str):
    content = encode(picture_format)
    media_type = f"image/{picture_format.lower()}"
    assert verify_picture(content) == VerifiedPicture(content, media_type, 40, 30, 1)


@pytest.mark.parametrize(
    ("mode", "picture_format"),
    [("CMYK", "JPEG"), ("L", "JPEG"), ("I;16", "PNG"), ("RGBA", "WEBP")],
)
def test_uncommon_colours_are_fine(mode: str, picture_format: str):
    assert isinstance(verify_picture(encode(picture_format, mode=mode)), VerifiedPicture)


def test_frames_are_counted():
    picture = verify_picture(encode_gif(5))
    assert isinstance(picture, VerifiedPicture)
    assert picture.frames == 5


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"\x1f\x8b\x08gzip",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        encode("BMP"),
        encode("TIFF"),
    ],
)
def test_formats_we_do_not_keep_are_unsupported(content: bytes):
    assert failure_kind(content) == FailureKind.UNSUPPORTED


@pytest.mark.parametrize(
    "content", [b"", b"<html><img src=x>", b"%PDF-1.7", b"\0\0\0\x18ftypisom", b"ID3\x03"]
)
def test_other_files_are_not_pictures(content: bytes):
    assert failure_kind(content) == FailureKind.NOT_A_PICTURE


@pytest.mark.parametrize("picture_format", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_a_truncated_picture_is_broken(picture_format: str, share: float):
    content = encode_noise(picture_format, (64, 64), 90)
    truncated = content[: int(len(content) * share)]
    assert failure_kind(truncated) in (FailureKind.BROKEN, FailureKind.NOT_A_PICTURE)


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (8_000, 7_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_claim_of_too_many_pixels_is_refused_undecoded(width: int, height: int):
    kind = failure_kind(encode_png_claiming(width, height))
    assert kind in (FailureKind.TOO_LARGE, FailureKind.BROKEN)


def test_a_picture_without_pixels_is_broken():
    assert failure_kind(encode_png_claiming(0, 0)) == FailureKind.BROKEN


def test_too_many_frames_are_refused():
    assert failure_kind(encode_gif(600)) == FailureKind.TOO_LARGE


def test_a_script_behind_a_gif_header_is_broken():
    assert failure_kind(b"GIF89a/*" + b"\xff" * 20 + b"*/=1;alert(1)") == FailureKind.BROKEN


def test_frames_are_counted_no_further_than_the_pixel_limit():
    screen = (7_000).to_bytes(2, "little") * 2 + b"\x80\0\0"
    palette = b"\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\x09\0\0\0\0\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\1\0"
    content = b"GIF89a" + screen + palette + frame * 40 + b";"
    start = time.process_time()
    assert failure_kind(content) is FailureKind.TOO_LARGE
    assert time.process_time() - start < 10  # half a second for each frame that is looked at


@pytest.mark.parametrize("picture_format", FORMATS)
def test_every_broken_byte_leads_to_an_outcome(picture_format: str):
    content = encode_noise(picture_format, (40, 30), 50)
    for place in range(min(len(content), 600)):
        for value in (0, 255, content[place] ^ 1):
            broken = content[:place] + bytes([value]) + content[place + 1 :]
            assert isinstance(verify_picture(broken), (VerifiedPicture, Failure))
