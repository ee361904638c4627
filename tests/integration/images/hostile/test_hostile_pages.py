"""Cases 99 and 100: pages, and where they lead, as a worker reads them: after robots.txt, the head, by `pages.py`."""

import json

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Later, Measured
from services.enrichment.images.pages.page_fetcher import BYTES
from services.enrichment.images.pages.page_metadata import Found
from tests.integration.images.hostile.server import CHUNKED, answered, chunk, drip, endless
from tests.integration.images.hostile.web import bounded
from tests.picture_host import picture

MB = 1024 * 1024
JPEG = picture(64, 48)
HTML = "Content-Type: text/html"
NAMED = b"<meta property='og:image' content='/a.jpg'>"
DEEP_DATA = b"<script type='application/ld+json'>" + b"[" * 200_000 + b"</script>"

HOSTILE_PAGES = {  # the page, what its header says, and whether its picture is found
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
async def test_a_page_is_read_in_bounded_time_and_memory_whatever_it_is(
    host, content, charset, is_found
):
    host.answers["/p"] = answered(200, content, HTML + charset)
    found = await bounded_page(host)
    assert (found.outcome, found.images) == ("Found", [host.url("/a.jpg")] if is_found else [])


@pytest.mark.hostile(99)
async def test_a_page_without_end_is_cut_and_one_that_drips_is_for_later(web, host):
    host.answers["/p"] = endless(
        CHUNKED.replace(b"\r\n", b"\r\n" + HTML.encode() + b"\r\n", 1), chunk(NAMED * 1000)
    )
    found = await bounded_page(host)
    assert (found.outcome, found.images) == ("Found", [host.url("/a.jpg")])
    host.answers["/q"] = drip(0.02)
    assert isinstance(await web.read(host.url("/q"), 0.5), Later)


@pytest.mark.hostile(99)
async def test_a_robots_file_without_end_is_cut_too(host):
    host.answers["/robots.txt"] = endless(CHUNKED, chunk(b"User-agent: *\nAllow: /\n" * 1000))
    host.answers["/p"] = answered(200, NAMED, HTML)
    assert (await bounded_page(host)).images == [host.url("/a.jpg")]


async def bounded_page(host):
    """What its page says, read in a process of its own."""
    found = await bounded(host.url("/p"), 10, "page")
    assert (
        found.grown < 128 * BYTES / MB
    )  # a tree of elements takes a hundred times the bytes of its tags
    return found


async def pictures_of(web, url):
    """The outcomes of the pictures that the page at *url* names."""
    page = await web.read(url)
    assert isinstance(page, Found)
    return [await web.kind(image) for image in page.images]


def naming(url):
    """Pages that name *url*, each in a way of its own."""
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
async def test_a_page_that_names_a_picture_inside_leads_nowhere(web, host, forbidden, name):
    web.names["inside.example"] = ["127.0.0.1"]
    for page in naming(f"http://{name}:{forbidden.port}/x.jpg"):
        host.answers["/p"] = answered(200, page.encode(), HTML)
        assert await pictures_of(web, host.url("/p")) == [Failure.FORBIDDEN]


@pytest.mark.hostile(100)
async def test_a_base_inside_leads_nowhere(web, host, forbidden):
    page = f"<base href='http://127.0.0.1:{forbidden.port}/'>".encode() + NAMED
    host.answers["/p"] = answered(200, page, HTML)
    assert await pictures_of(web, host.url("/p")) == [Failure.FORBIDDEN]


@pytest.mark.hostile(100)
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "data:image/png,x", "javascript:1", "http://a:b@127.0.0.1/", "//"]
)
async def test_what_is_no_address_of_the_web_is_not_even_named(web, host, url):
    for page in naming(url)[:2]:
        host.answers["/p"] = answered(200, page.encode(), HTML)
        assert await web.read(host.url("/p")) == Found()


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", INSIDE)
async def test_an_amp_twin_inside_is_not_believed(web, host, forbidden, name):
    page = f"<link rel=amphtml href='http://{name}:{forbidden.port}/amp'>"
    host.answers["/p"] = answered(200, page.encode(), HTML)
    assert await web.read(host.url("/p")) == Found()


@pytest.mark.hostile(100)
async def test_a_page_that_names_itself_or_a_loop_ends(web, host):
    host.answers["/p"] = answered(
        200, f"<meta property='og:image' content='{host.url('/p')}'>".encode(), HTML
    )
    assert await pictures_of(web, host.url("/p")) == [Failure.NOT_A_PICTURE]
    host.answers["/loop"] = answered(302, b"", "Location: /loop")
    host.answers["/q"] = answered(
        200, b"<meta property=og:image content=/loop><link rel=amphtml href=/q>", HTML
    )
    assert await web.read(host.url("/q")) == Found((host.url("/loop"),), host.url("/q"))
    assert await pictures_of(web, host.url("/q")) == [Failure.REDIRECTS]
    assert (await web.read(host.url("/loop"))).kind == Failure.REDIRECTS


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", INSIDE)
async def test_a_page_or_a_robots_file_that_moves_inside_is_not_followed(
    web, host, forbidden, name
):
    web.names["inside.example"] = ["127.0.0.1"]
    host.answers["/p"] = answered(302, b"", f"Location: http://{name}:{forbidden.port}/")
    assert (await web.read(host.url("/p"))).kind == Failure.FORBIDDEN
    host.answers["/robots.txt"] = answered(
        302, b"", f"Location: http://{name}:{forbidden.port}/robots.txt"
    )
    await web.read(host.url("/p"))


@pytest.mark.hostile(100)
async def test_a_page_inside_is_not_read(web, forbidden):
    assert (await web.read(f"http://127.0.0.1:{forbidden.port}/p")).kind == Failure.FORBIDDEN


@pytest.mark.hostile(100)
async def test_a_page_that_is_a_picture_is_no_page_and_its_own_picture_is_found(web, host):
    host.answers["/x.jpg"] = answered(200, JPEG, "Content-Type: image/jpeg")
    assert (await web.read(host.url("/x.jpg"))).kind == Failure.NOT_A_PAGE
    host.answers["/p"] = answered(200, b"<meta property=og:image content=/x.jpg>", HTML)
    assert await pictures_of(web, host.url("/p")) == [Measured]
