"""Cases 82 to 89: what a body claims to be, and what it is."""

import gzip
import io

import pytest
from PIL import Image

from services.enrichment.images.fetch_outcome import FailureKind, VerifiedPicture
from tests.integration.images.hostile.server import response
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><html><script>alert(1)</script></html>"


def make_gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("P", (9, 7)).save(buffer, "GIF")
    return buffer.getvalue()


async def fetch_body(web, host, body, *headers):
    host.responses["/x"] = response(200, body, *headers)
    return await web.fetch(host.url("/x"))


@pytest.mark.hostile(82)
@pytest.mark.parametrize(
    "header", [None, "", "/", "image", "\x01\x02", "image/jpeg; charset=" + "x" * 5000, "ünï/cödé"]
)
async def test_a_missing_or_malformed_content_type_changes_nothing(web, host, header):
    outcome = await fetch_body(
        web, host, JPEG, *([] if header is None else [f"Content-Type: {header}"])
    )
    assert isinstance(outcome, VerifiedPicture)


@pytest.mark.hostile(83)
@pytest.mark.parametrize(
    "header",
    ["image/png", "text/html", "image/svg+xml", "image/gif, text/html", "application/x-php"],
)
async def test_the_media_type_is_that_of_the_bytes(web, host, header):
    outcome = await fetch_body(
        web, host, JPEG, f"Content-Type: {header}", "Content-Type: text/html"
    )
    assert isinstance(outcome, VerifiedPicture)
    assert outcome.media_type == "image/jpeg"


@pytest.mark.hostile(84)
@pytest.mark.parametrize(
    "page", [PAGE, b"\xef\xbb\xbf" + PAGE, b"  \n" + PAGE, PAGE.decode().encode("utf-16")]
)
async def test_a_page_as_jpg_is_not_a_picture(web, host, page):
    host.responses["/x.jpg"] = response(200, page, "Content-Type: image/jpeg")
    assert await web.fetch_kind(host.url("/x.jpg")) == FailureKind.NOT_A_PICTURE


@pytest.mark.hostile(85)
async def test_a_script_behind_a_gif_header_is_broken_and_a_whole_gif_is_a_gif(web, host):
    host.responses["/x"] = response(
        200, b"GIF89a/*" + b"\xff" * 30 + b"*/=1;alert(1)", "Content-Type: image/gif"
    )
    assert await web.fetch_kind(host.url("/x")) == FailureKind.BROKEN
    outcome = await fetch_body(
        web, host, make_gif() + b"/*<script>alert(1)</script>*/", "Content-Type: text/html"
    )
    assert (outcome.media_type, outcome.width, outcome.height) == ("image/gif", 9, 7)


@pytest.mark.hostile(86)
@pytest.mark.parametrize(
    "body",
    [
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(100),
        b"\0\0\0\x18ftypisom" + bytes(100),
        b"\x1a\x45\xdf\xa3" + bytes(100),
        b"ID3\x03" + bytes(100),
        b"RIFF\x24\0\0\0WAVEfmt " + bytes(100),
        b"RIFF\x24\0\0\0AVI LIST" + bytes(100),
        b"OggS" + bytes(100),
        b"%PDF-1.7" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"\x7fELF" + bytes(100),
    ],
)
async def test_video_audio_and_other_files_are_not_pictures(web, host, body):
    host.responses["/x"] = response(200, body, "Content-Type: image/jpeg")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.NOT_A_PICTURE


@pytest.mark.hostile(87)
@pytest.mark.parametrize(
    ("before", "outcome"),
    [
        (b"", FailureKind.UNSUPPORTED),
        (b'<?xml version="1.0"?>', FailureKind.UNSUPPORTED),
        (b"\n\n ", FailureKind.UNSUPPORTED),
        (b"\xef\xbb\xbf", FailureKind.NOT_A_PICTURE),
        (b"<!-- x -->", FailureKind.NOT_A_PICTURE),
    ],
)
async def test_an_svg_with_a_script_is_not_kept(web, host, before, outcome):
    host.responses["/x.svg"] = response(200, before + SVG, "Content-Type: image/svg+xml")
    assert await web.fetch_kind(host.url("/x.svg")) == outcome


@pytest.mark.hostile(88)
async def test_a_compressed_svg_is_not_kept(web, host):
    host.responses["/x.svgz"] = response(200, gzip.compress(SVG), "Content-Type: image/svg+xml")
    assert await web.fetch_kind(host.url("/x.svgz")) == FailureKind.UNSUPPORTED


@pytest.mark.hostile(89)
@pytest.mark.parametrize(
    "header", ["application/octet-stream", "binary/octet-stream", "application/download"]
)
async def test_a_picture_is_kept_whatever_its_content_type(web, host, header):
    outcome = await fetch_body(web, host, JPEG, f"Content-Type: {header}")
    assert (outcome.media_type, outcome.width, outcome.height) == ("image/jpeg", 64, 48)
