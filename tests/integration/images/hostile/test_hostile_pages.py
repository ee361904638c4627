"""Cases 99 and 100: pages, fetched as a worker does: robots.txt first, then the head."""

import json

import pytest

from services.enrichment.images.fetch_outcome import (
    FailureKind,
    RetryLater,
    VerifiedPicture,
)
from services.enrichment.images.pages.page_fetcher import MAX_HEAD_BYTES
from services.enrichment.images.pages.page_metadata import PageMetadata
from tests.integration.images.hostile.server import CHUNKED, chunk, drip, endless, response
from tests.integration.images.hostile.web import fetch_in_child
from tests.picture_host import make_jpeg

MB = 1024 * 1024
JPEG = make_jpeg(64, 48)
HTML = "Content-Type: text/html"
NAMED = b"<meta property='og:image' content='/a.jpg'>"
DEEP_DATA = b"<script type='application/ld+json'>" + b"[" * 200_000 + b"</script>"

HOSTILE_PAGES = {  # the page, the rest of its Content-Type, and whether its picture is found
    "charset of many bytes": (
        NAMED + b"<meta charset=utf-16><title>\xff\xfe\xd8</title>",
        "; charset=utf-16",
        True,
    ),
    "charset that browsers do not know": (b"<meta charset=rot13>" + NAMED, "; charset=utf-7", True),
    "charset that is no text": (b"<meta charset=zlib>" + NAMED, "; charset=base64", True),
    "charset without end": (
        b"<meta charset=" + b"x" * 200_000 + b">" + NAMED,
        "; charset=" + "x" * 3000,
        True,
    ),
    "bytes of no charset": (
        b"<title>" + bytes(range(128, 256)) * 9 + b"</title>" + NAMED,
        "; charset=utf-8",
        True,
    ),
    "null bytes": (b"\0" * 1000 + NAMED, "", True),
    "deep before": (b"<div>" * 300_000 + NAMED, "", False),
    "deep behind": (NAMED + b"<div>" * 300_000, "", True),
    "deep tables": (NAMED + b"<table><tr><td>" * 100_000, "", True),
    "deep formatting": (NAMED + b"<a><b><i><u>" * 80_000, "", True),
    "deep templates": (NAMED + b"<template>" * 150_000, "", True),
    "deep svg": (NAMED + b"<svg><foreignObject>" * 80_000, "", True),
    "deep data": (DEEP_DATA + NAMED, "", True),
    "long tag": (b"<meta property=og:image content='" + b"x" * (3 * MB) + b"'>", "", False),
    "long address": (b"<meta property=og:image content='/" + b"x" * 400_000 + b"'>", "", False),
    "long name": (b"<" + b"a" * (3 * MB), "", False),
    "many attributes": (b"<meta " + b"a=b " * 700_000 + b">", "", False),
    "many pictures": (NAMED * 100_000, "", True),
    "many entities": (NAMED + b"<title>" + b"&amp;" * 600_000, "", True),
    "comment without end": (NAMED + b"<!--" + b"-" * (3 * MB), "", True),
    "only open tags": (b"<" * (3 * MB), "", False),
}


@pytest.mark.hostile(99)
@pytest.mark.parametrize(
    ("content", "charset", "is_found"), HOSTILE_PAGES.values(), ids=HOSTILE_PAGES
)
async def test_every_page_is_read_in_bounded_time_and_memory(host, content, charset, is_found):
    host.responses["/p"] = response(200, content, HTML + charset)
    fetched = await fetch_page_in_child(host)
    images = [host.url("/a.jpg")] if is_found else []
    assert (fetched.outcome, fetched.images) == ("PageMetadata", images)


@pytest.mark.hostile(99)
async def test_an_endless_page_is_cut_and_a_dripping_one_is_retried(web, host):
    host.responses["/p"] = endless(
        CHUNKED.replace(b"\r\n", b"\r\n" + HTML.encode() + b"\r\n", 1), chunk(NAMED * 1000)
    )
    fetched = await fetch_page_in_child(host)
    assert (fetched.outcome, fetched.images) == ("PageMetadata", [host.url("/a.jpg")])
    host.responses["/q"] = drip(0.02)
    assert isinstance(await web.fetch_page(host.url("/q"), 0.5), RetryLater)


@pytest.mark.hostile(99)
async def test_an_endless_robots_txt_is_cut(host):
    host.responses["/robots.txt"] = endless(CHUNKED, chunk(b"User-agent: *\nAllow: /\n" * 1000))
    host.responses["/p"] = response(200, NAMED, HTML)
    assert (await fetch_page_in_child(host)).images == [host.url("/a.jpg")]


async def fetch_page_in_child(host):
    """What came of the host's page in a process of its own."""
    fetched = await fetch_in_child(host.url("/p"), 10, "page")
    # A tree of elements takes a hundred times the bytes of its tags.
    assert fetched.grown < 128 * MAX_HEAD_BYTES / MB
    return fetched


async def fetch_picture_kinds(web, url):
    """The kinds of outcome of the pictures that the page at *url* names."""
    page = await web.fetch_page(url)
    assert isinstance(page, PageMetadata)
    return [await web.fetch_kind(image) for image in page.images]


def pages_naming(url):
    """Pages that name *url* as their picture, each in another way."""
    data = json.dumps({"@graph": [{"@type": "NewsArticle", "image": {"url": url}}]})
    return [
        f"<meta property='og:image' content='{url}'>",
        f"<meta name=twitter:image content='{url}'>",
        f"<base href='{url}'><meta property=og:image content='{url}'>",
        f"<script type='application/ld+json'>{data}</script>",
    ]


INSIDE = ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "2130706433", "inside.example", "0.0.0.0"]


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", INSIDE)
async def test_a_picture_at_an_inner_address_is_refused(web, host, forbidden, name):
    web.names["inside.example"] = ["127.0.0.1"]
    for page in pages_naming(f"http://{name}:{forbidden.port}/x.jpg"):
        host.responses["/p"] = response(200, page.encode(), HTML)
        assert await fetch_picture_kinds(web, host.url("/p")) == [FailureKind.FORBIDDEN]


@pytest.mark.hostile(100)
async def test_a_base_at_an_inner_address_is_refused(web, host, forbidden):
    page = f"<base href='http://127.0.0.1:{forbidden.port}/'>".encode() + NAMED
    host.responses["/p"] = response(200, page, HTML)
    assert await fetch_picture_kinds(web, host.url("/p")) == [FailureKind.FORBIDDEN]


@pytest.mark.hostile(100)
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "data:image/png,x", "javascript:1", "http://a:b@127.0.0.1/", "//"]
)
async def test_what_is_not_an_http_url_is_not_even_extracted(web, host, url):
    for page in pages_naming(url)[:2]:
        host.responses["/p"] = response(200, page.encode(), HTML)
        assert await web.fetch_page(host.url("/p")) == PageMetadata()


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", INSIDE)
async def test_an_amp_twin_at_an_inner_address_is_not_believed(web, host, forbidden, name):
    page = f"<link rel=amphtml href='http://{name}:{forbidden.port}/amp'>"
    host.responses["/p"] = response(200, page.encode(), HTML)
    assert await web.fetch_page(host.url("/p")) == PageMetadata()


@pytest.mark.hostile(100)
async def test_a_page_that_names_itself_or_a_loop_ends(web, host):
    host.responses["/p"] = response(
        200, f"<meta property='og:image' content='{host.url('/p')}'>".encode(), HTML
    )
    assert await fetch_picture_kinds(web, host.url("/p")) == [FailureKind.NOT_A_PICTURE]
    host.responses["/loop"] = response(302, b"", "Location: /loop")
    host.responses["/q"] = response(
        200, b"<meta property=og:image content=/loop><link rel=amphtml href=/q>", HTML
    )
    assert await web.fetch_page(host.url("/q")) == PageMetadata(
        (host.url("/loop"),), host.url("/q")
    )
    assert await fetch_picture_kinds(web, host.url("/q")) == [FailureKind.REDIRECTS]
    assert (await web.fetch_page(host.url("/loop"))).kind == FailureKind.REDIRECTS


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", INSIDE)
async def test_a_page_or_robots_txt_that_redirects_inside_is_not_followed(
    web, host, forbidden, name
):
    web.names["inside.example"] = ["127.0.0.1"]
    host.responses["/p"] = response(302, b"", f"Location: http://{name}:{forbidden.port}/")
    assert (await web.fetch_page(host.url("/p"))).kind == FailureKind.FORBIDDEN
    host.responses["/robots.txt"] = response(
        302, b"", f"Location: http://{name}:{forbidden.port}/robots.txt"
    )
    await web.fetch_page(host.url("/p"))


@pytest.mark.hostile(100)
async def test_a_page_at_an_inner_address_is_not_read(web, forbidden):
    assert (
        await web.fetch_page(f"http://127.0.0.1:{forbidden.port}/p")
    ).kind == FailureKind.FORBIDDEN


@pytest.mark.hostile(100)
async def test_a_picture_is_not_a_page_but_can_be_the_picture_of_one(web, host):
    host.responses["/x.jpg"] = response(200, JPEG, "Content-Type: image/jpeg")
    assert (await web.fetch_page(host.url("/x.jpg"))).kind == FailureKind.NOT_A_PAGE
    host.responses["/p"] = response(200, b"<meta property=og:image content=/x.jpg>", HTML)
    assert await fetch_picture_kinds(web, host.url("/p")) == [VerifiedPicture]
