"""Pictures that break their format's rules, or go beyond them, are taken as browsers take them."""

import io
import os
import zlib

import pytest
from PIL import Image

from services.enrichment.images.decoding.thumbnails import make_derivatives
from services.enrichment.images.decoding.verification import verify_picture
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture
from tests.unit.images.decoding.odd_pictures import (
    XMP_TURNED,
    break_checksum,
    draw,
    encode,
    encode_animation,
    encode_camera_jpeg,
    encode_grey_16,
    encode_pixel,
    insert_chunk,
    png_chunk,
)

MB = 1024 * 1024


def verify(content: bytes) -> VerifiedPicture:
    """The picture, of which thumbnails can be made too."""
    picture = verify_picture(content)
    assert isinstance(picture, VerifiedPicture), picture
    assert picture.content == content
    assert make_derivatives(content).blurhash
    return picture


def measure(content: bytes) -> tuple[str, int, int, int]:
    picture = verify(content)
    return picture.media_type, picture.width, picture.height, picture.frames


def fail(content: bytes) -> Failure:
    outcome = verify_picture(content)
    assert isinstance(outcome, Failure), outcome
    return outcome


class TestCameras:
    @pytest.mark.parametrize(
        ("size", "previews"),
        [
            ((7008, 4672), [(640, 480)]),
            ((5712, 4284), [(1428, 1071), (1428, 1071)]),
            ((1600, 1200), [(1600, 1200)]),
        ],
    )
    def test_a_jpeg_with_previews_has_the_size_of_its_main_picture(self, size, previews):
        assert measure(encode_camera_jpeg(size, *previews)) == ("image/jpeg", *size, 1)

    def test_a_preview_that_is_gone_or_cut_is_not_missed(self):
        content = encode_camera_jpeg((800, 600), (400, 300))
        preview = content.rindex(b"\xff\xd8\xff")
        for end in (preview, preview + 200, len(content) - 2):
            assert measure(content[:end]) == ("image/jpeg", 800, 600, 1)

    def test_the_main_picture_must_be_whole(self):
        content = encode_camera_jpeg((800, 600), (400, 300))
        preview = content.rindex(b"\xff\xd8\xff")
        assert fail(content[: preview // 2]).kind is FailureKind.BROKEN


class TestDepth:
    def test_16_bit_grey_is_shown_in_its_own_shades(self):
        content = encode_grey_16([0, 0x4000, 0x8000, 0xFFFF])
        assert measure(content) == ("image/png", 400, 400, 1)
        with Image.open(io.BytesIO(make_derivatives(content).thumbnails[0].content)) as thumbnail:
            greys = [thumbnail.convert("L").getpixel((place, 160)) for place in (40, 120, 200, 280)]
        for grey, expected in zip(greys, [0, 0x40, 0x80, 0xFF], strict=True):
            assert isinstance(grey, int)
            assert abs(grey - expected) <= 3

    def test_the_colour_of_16_bit_grey_is_right(self):
        assert make_derivatives(encode_grey_16([30_000])).colour == "#757575"

    def test_one_shade_of_16_bit_grey_may_be_transparent(self):
        content = encode_grey_16([0x8000, 0x8001, 0, 0xFFFF], transparent=0x8000)
        with Image.open(io.BytesIO(make_derivatives(content).thumbnails[0].content)) as thumbnail:
            alpha = thumbnail.convert("RGBA").getchannel("A")
        assert (alpha.getpixel((40, 160)), alpha.getpixel((120, 160))) == (0, 255)


TEXT = zlib.compress(b"a" * (2 * MB))
UNREAD_CHUNKS = {
    "long text": png_chunk(b"zTXt", b"Raw profile\0\0" + TEXT),
    "long international text": png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + TEXT),
    "large colour profile": png_chunk(b"iCCP", b"icc\0\0" + zlib.compress(os.urandom(200) * 9000)),
    "broken colour profile": png_chunk(b"iCCP", b"icc\0\0nothing that inflates"),
    "broken text": png_chunk(b"zTXt", b"no end"),
    "text with a bad checksum": png_chunk(b"tEXt", b"a\0bcd", checksum=0),
    "gamma with a bad checksum": png_chunk(b"gAMA", b"\0\0\xb1\x8f", checksum=7),
    "gamma of one byte": png_chunk(b"gAMA", b"\0"),
    "transparency with a bad checksum": png_chunk(b"tRNS", b"\0\1\0\1\0\1", checksum=7),
    "transparency of one byte": png_chunk(b"tRNS", b"\0"),
    "EXIF with a bad checksum": png_chunk(b"eXIf", b"MM\0*\0\0\0\x08", checksum=7),
    "animation of a bad checksum": png_chunk(b"acTL", b"\0\1\0\0\0\0\0\0", checksum=7),
    "animation of one byte": png_chunk(b"acTL", b"\0"),
    "unknown": png_chunk(b"prVt", bytes(100)),
}


class TestChunks:
    @pytest.mark.parametrize("name", UNREAD_CHUNKS)
    def test_an_ancillary_chunk_fails_no_picture(self, name: str):
        assert measure(insert_chunk(UNREAD_CHUNKS[name])) == ("image/png", 400, 300, 1)

    def test_transparency_and_orientation_are_still_read(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        content = encode("PNG", draw((700, 500)), exif=exif.tobytes(), transparency=(40, 90, 160))
        assert measure(content) == ("image/png", 500, 700, 1)
        with Image.open(io.BytesIO(make_derivatives(content).thumbnails[0].content)) as thumbnail:
            assert thumbnail.convert("RGBA").getextrema()[3] == (0, 255)

    @pytest.mark.parametrize("name", [b"IHDR", b"IDAT", b"IEND", b"PLTE"])
    def test_a_critical_chunk_must_be_sound(self, name: bytes):
        image = draw().quantize() if name == b"PLTE" else draw()
        failure = fail(break_checksum(encode("PNG", image), name))
        assert failure.kind is FailureKind.BROKEN
        assert name.decode() in failure.reason

    @pytest.mark.parametrize("tail", [b"", b"\n", bytes(50), b"<!-- cached -->"])
    def test_what_follows_the_picture_is_not_read(self, tail: bytes):
        content = encode("PNG", draw())
        assert measure(content + tail) == ("image/png", 400, 300, 1)
        assert measure(content[:-12] + tail) == ("image/png", 400, 300, 1)

    def test_a_picture_cut_in_its_pixels_is_broken(self):
        content = encode("PNG", Image.effect_noise((100, 100), 90))
        assert fail(content[:-40]).kind is FailureKind.BROKEN


def rebrand(major: bytes) -> bytes:
    return encode("AVIF", draw()).replace(b"ftypavif", b"ftyp" + major, 1)


class TestBrands:
    @pytest.mark.parametrize("major", [b"avif", b"mif1", b"avio", b"miaf"])
    def test_a_file_of_the_brand_avif_is_avif_whichever_comes_first(self, major: bytes):
        assert measure(rebrand(major)) == ("image/avif", 400, 300, 1)

    def test_a_file_of_the_brand_mif1_alone_is_heic(self):
        content = rebrand(b"mif1").replace(b"avifmif1miafMA1B", b"heicmif1miafMA1B", 1)
        assert fail(content).kind is FailureKind.UNSUPPORTED

    @pytest.mark.parametrize("size", [0, 1, 9, 17, 2**32 - 1])
    def test_a_false_length_of_the_brands_leads_to_an_outcome(self, size: int):
        content = size.to_bytes(4) + rebrand(b"mif1")[4:]
        assert isinstance(verify_picture(content), (VerifiedPicture, Failure))


class TestOrientation:
    @pytest.mark.parametrize("picture_format", ["JPEG", "WEBP", "PNG", "AVIF"])
    def test_orientation_in_xmp_alone_turns_nothing(self, picture_format: str):
        if picture_format == "PNG":
            text = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP_TURNED)
            content = insert_chunk(text, encode("PNG", draw((700, 500))))
        else:
            content = encode(picture_format, draw((700, 500)), xmp=XMP_TURNED)
        assert measure(content)[1:3] == (700, 500)
        assert [thumb.height for thumb in make_derivatives(content).thumbnails] == [229, 457]

    @pytest.mark.parametrize("picture_format", ["JPEG", "WEBP", "PNG", "AVIF"])
    def test_exif_counts_beside_xmp(self, picture_format: str):
        exif = Image.Exif()
        exif[0x0112] = 8
        content = encode(picture_format, draw((700, 500)), exif=exif.tobytes())
        assert measure(content)[1:3] == (500, 700)


class TestCutFiles:
    def test_a_jpeg_without_its_last_marker_is_whole(self):
        for options in ({}, {"progressive": True}, {"quality": 95, "subsampling": 0}):
            content = encode("JPEG", Image.effect_noise((300, 200), 90), **options)
            for end in (-1, -2):
                assert measure(content[:end]) == ("image/jpeg", 300, 200, 1)

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95, 0.99])
    @pytest.mark.parametrize("is_progressive", [False, True])
    def test_a_jpeg_without_some_of_its_pixels_is_broken(self, share: float, is_progressive: bool):
        content = encode("JPEG", Image.effect_noise((300, 200), 90), progressive=is_progressive)
        failure = fail(content[: int(share * len(content))])
        assert failure.kind is FailureKind.BROKEN

    @pytest.mark.parametrize("picture_format", ["GIF", "PNG", "WEBP", "AVIF"])
    @pytest.mark.parametrize("share", [0.6, 0.8, 0.97])
    def test_an_animation_cut_in_a_later_frame_shows_its_first(
        self, picture_format: str, share: float
    ):
        content = encode_animation(picture_format)
        whole = make_derivatives(content)
        cut = content[: int(share * len(content))]
        media_type, width, height, frames = measure(cut)
        assert (media_type, width, height) == (f"image/{picture_format.lower()}", 400, 300)
        assert 1 <= frames <= 7
        assert make_derivatives(cut) == whole

    @pytest.mark.parametrize("picture_format", ["GIF", "PNG", "WEBP", "AVIF"])
    def test_an_animation_cut_in_its_first_frame_is_broken(self, picture_format: str):
        images = [Image.effect_noise((200, 200), 60 + number).convert("RGB") for number in range(3)]
        content = encode(picture_format, images[0], save_all=True, append_images=images[1:])
        assert fail(content[: len(content) // 6]).kind is FailureKind.BROKEN

    @pytest.mark.parametrize("picture_format", ["WEBP", "AVIF", "GIF"])
    def test_a_still_picture_must_be_whole(self, picture_format: str):
        content = encode(picture_format, Image.effect_noise((200, 200), 90).convert("RGB"))
        assert fail(content[: int(0.9 * len(content))]).kind is FailureKind.BROKEN


class TestReasons:
    @pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
    def test_a_failure_has_the_same_reason_every_time(self, picture_format: str):
        content = encode(picture_format, Image.effect_noise((64, 64), 90).convert("RGB"))
        for end in range(12, len(content), 97):
            reasons = {str(verify_picture(content[:end])) for _ in range(2)}
            assert len(reasons) == 1
            assert " at 0x" not in reasons.pop()


class TestSmallPictures:
    @pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
    def test_one_pixel_is_no_picture_of_an_article(self, picture_format: str):
        failure = fail(encode_pixel(picture_format))
        assert failure.kind is FailureKind.TOO_SMALL
        assert failure.reason == "it has 1 x 1 pixels, as a tracking pixel has"

    @pytest.mark.parametrize("size", [(2, 1), (1, 900), (20_000, 3), (4, 4)])
    def test_narrow_pictures_are_pictures(self, size: tuple[int, int]):
        assert measure(encode("PNG", draw(size))) == ("image/png", *size, 1)
