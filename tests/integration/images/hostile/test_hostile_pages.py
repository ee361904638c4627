"""Cases 99 and 100: pages, and where they lead. They are read under the guard of pictures."""

import asyncio
import re

import pytest

from services.enrichment.images.answers import PAGE, Body
from services.enrichment.images.outcomes import Failure, Later
from tests.integration.images.hostile.server import CHUNKED, answered, chunk, drip, endless
from tests.picture_host import picture

MB = 1024 * 1024
HOSTILE_PAGES = {
    "charset-lies": (b"<meta charset=utf-16><title>\xff\xfe\xd8</title>", "text/html; charset=utf-7"),
    "charset-garbage": (b"<title>x</title>", "text/html; charset=" + "x" * 3000),
    "deep": (b"<div>" * 300_000, "text/html"),
    "long-tag": (b"<meta property=og:image content='" + b"x" * (3 * MB) + b"'>", "text/html"),
    "long-name": (b"<" + b"a" * (3 * MB), "text/html"),
    "attributes": (b"<meta " + b"a=b " * 700_000 + b">", "text/html"),
}


async def page(web, url, seconds=3.0):
    async with asyncio.timeout(seconds + 20), web.fetcher.got(url, seconds, PAGE) as got:
        return got


@pytest.mark.hostile(99)
@pytest.mark.parametrize(("content", "kind"), HOSTILE_PAGES.values(), ids=HOSTILE_PAGES)
async def test_a_page_is_read_up_to_a_bound_whatever_it_is(web, host, content, kind):
    host.answers["/p"] = answered(200, content, f"Content-Type: {kind}")
    got = await page(web, host.url("/p"))
    assert isinstance(got, Body)
    assert got.content == content[: PAGE.most]
    assert got.content_type == kind


@pytest.mark.hostile(99)
async def test_a_page_without_end_is_cut_and_one_that_drips_is_for_later(web, host):
    host.answers["/p"] = endless(CHUNKED, chunk(b"<p>" * 10_000))
    got = await page(web, host.url("/p"))
    assert isinstance(got, Body)
    assert len(got.content) == PAGE.most
    host.answers["/q"] = drip(0.02)
    assert isinstance(await page(web, host.url("/q"), 0.5), Later)


IMAGE = re.compile(rb"og:image' content='([^']*)'")


async def pictures_of(web, url):
    """The outcome of the picture that the page at *url* names."""
    got = await page(web, url)
    assert isinstance(got, Body)
    return await web.kind(IMAGE.search(got.content)[1].decode())


@pytest.mark.hostile(100)
@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "2130706433", "inside.example", "0.0.0.0"])
async def test_a_page_that_names_a_picture_inside_leads_nowhere(web, host, forbidden, name):
    web.names["inside.example"] = ["127.0.0.1"]
    url = f"http://{name}:{forbidden.port}/x.jpg"
    host.answers["/p"] = answered(200, f"<meta property='og:image' content='{url}'>".encode())
    assert await pictures_of(web, host.url("/p")) == Failure.FORBIDDEN
    got = await page(web, url)
    assert got.kind == Failure.FORBIDDEN


@pytest.mark.hostile(100)
async def test_a_page_that_names_itself_or_a_loop_ends(web, host):
    host.answers["/p"] = answered(200, f"<meta property='og:image' content='{host.url('/p')}'>".encode())
    assert await pictures_of(web, host.url("/p")) == Failure.NOT_A_PICTURE
    host.answers["/loop"] = answered(302, b"", "Location: /loop")
    host.answers["/q"] = answered(200, f"<meta property='og:image' content='{host.url('/loop')}'>".encode())
    assert await pictures_of(web, host.url("/q")) == Failure.REDIRECTS
    assert (await page(web, host.url("/loop"))).kind == Failure.REDIRECTS


@pytest.mark.hostile(100)
async def test_a_page_that_moves_inside_is_refused(web, host, forbidden):
    host.answers["/p"] = answered(302, b"", f"Location: http://127.0.0.1:{forbidden.port}/")
    assert (await page(web, host.url("/p"))).kind == Failure.FORBIDDEN
    host.answers["/x.jpg"] = answered(200, picture(64, 48))
    assert not isinstance(await page(web, host.url("/x.jpg")), Later)
