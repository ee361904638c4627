"""Pages over real connections: what is read of them, and what is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network

import pytest

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Later
from services.enrichment.images.fetching.host_limits import Hosts
from services.enrichment.images.fetching.picture_fetcher import Fetcher
from services.enrichment.images.network.guarded_network import Guard
from services.enrichment.images.pages.page_fetcher import BYTES, PageReader
from services.enrichment.images.pages.page_metadata import Found
from tests.integration.images.hostile.server import (
    Server,
    answered,
    drip,
    endless,
    hang_up,
    server,
    silence,
)

HTML = "Content-Type: text/html; charset=utf-8"
PAGE = b"<html><head><meta property='og:image' content='/a.jpg'><link rel=amphtml href=amp></head><body>"
NO_RULES = answered(404)


async def resolve(host: str, port: int):
    return [ip_address("10.0.0.1" if host == "inside.example" else "127.0.0.1")]


@pytest.fixture
async def web() -> AsyncIterator[Server]:
    async with server() as made:
        made.answers["/robots.txt"] = NO_RULES
        made.answers["/page"] = answered(200, PAGE, HTML)
        yield made


@pytest.fixture
async def reader(pool: Pool) -> AsyncIterator[PageReader]:
    guard = Guard([ip_network("127.0.0.1/32")], resolve)
    fetcher = Fetcher(guard, Hosts(2, time.monotonic), Verifier(pool), 4, "Seedwire/x")
    yield PageReader(fetcher, "Seedwire", time.monotonic, pool)
    await fetcher.close()


async def read(reader: PageReader, url: str, seconds: float = 10) -> Found | Failed | Later:
    async with reader.found(url, seconds) as outcome:
        return outcome


async def failed(reader: PageReader, url: str) -> Failure:
    outcome = await read(reader, url)
    assert isinstance(outcome, Failed), outcome
    return outcome.kind


def paths(web: Server) -> list[str]:
    return [head.split(" ")[1] for head in web.asked]


async def test_a_page_is_read_after_its_robots_file(web: Server, reader: PageReader):
    assert await read(reader, web.url("/page")) == Found((web.url("/a.jpg"),), web.url("/amp"))
    assert paths(web) == ["/robots.txt", "/page"]
    assert "User-Agent: Seedwire/x" in web.asked[1]
    assert "Accept-Encoding: identity" in web.asked[1]
    assert "text/html" in web.asked[1]


async def test_the_robots_file_is_asked_for_once(web: Server, reader: PageReader):
    for _ in range(3):
        await read(reader, web.url("/page"))
    assert paths(web).count("/robots.txt") == 1


async def test_a_page_that_robots_are_to_leave_alone_is_not_asked_for(
    web: Server, reader: PageReader
):
    web.answers["/robots.txt"] = answered(200, b"User-agent: *\nDisallow: /page\n")
    assert await failed(reader, web.url("/page")) is Failure.ROBOTS
    assert paths(web) == ["/robots.txt"]


async def test_a_page_whose_robots_file_cannot_be_had_waits(web: Server, reader: PageReader):
    web.answers["/robots.txt"] = answered(503, b"", "Retry-After: 7")
    outcome = await read(reader, web.url("/page"))
    assert isinstance(outcome, Later)
    assert outcome.after == 7
    assert paths(web) == ["/robots.txt"]


async def test_where_a_redirect_leads_counts_there_too(web: Server, reader: PageReader):
    web.answers["/robots.txt"] = answered(200, b"User-agent: *\nDisallow: /hidden\n")
    web.answers["/old"] = answered(301, b"", "Location: /page")
    web.answers["/out"] = answered(301, b"", "Location: /hidden/page")
    outcome = await read(reader, web.url("/old"))
    assert isinstance(outcome, Found)
    assert outcome.images == (web.url("/a.jpg"),)
    assert await failed(reader, web.url("/out")) is Failure.ROBOTS


async def test_no_more_is_read_than_the_head(web: Server, reader: PageReader):
    sent = 0

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n".encode() + PAGE)
        while not writer.is_closing():
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    web.answers["/long"] = answer
    assert isinstance(await read(reader, web.url("/long")), Found)
    assert sent < 64 * BYTES  # what fits into the buffers of both sides


async def test_a_head_that_never_ends_is_cut(web: Server, reader: PageReader):
    web.answers["/endless"] = endless(f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n".encode(), bytes(65536))
    assert await read(reader, web.url("/endless")) == Found()


@pytest.mark.parametrize("script", [silence, drip(0.1), hang_up])
async def test_what_is_slow_or_breaks_waits(web: Server, reader: PageReader, script):
    web.answers["/slow"] = script
    begun = time.monotonic()
    assert isinstance(await read(reader, web.url("/slow"), 0.5), Later)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answered(404), Failure.NOT_FOUND),
        (answered(403), Failure.FORBIDDEN),
        (answered(204), Failure.STATUS),
        (answered(200, b"%PDF", "Content-Type: application/pdf"), Failure.NOT_A_PAGE),
        (answered(200, b"\xff\xd8\xff", "Content-Type: image/jpeg"), Failure.NOT_A_PAGE),
        (answered(200, PAGE, HTML, "Content-Encoding: gzip"), Failure.ENCODED),
        (answered(302, b"", "Location: /page-loop"), Failure.REDIRECTS),
        (answered(302, b"", "Location: http://inside.example/page"), Failure.FORBIDDEN),
        (answered(302, b"", "Location: file:///etc/passwd"), Failure.REDIRECTS),
        (answered(302), Failure.REDIRECTS),
    ],
)
async def test_what_is_no_page_for_us_has_failed(
    web: Server, reader: PageReader, answer: bytes, kind: Failure
):
    web.answers["/page-loop"] = answer
    assert await failed(reader, web.url("/page-loop")) is kind


async def test_a_private_page_is_never_connected_to(web: Server, reader: PageReader):
    assert await failed(reader, "http://inside.example/page") is Failure.FORBIDDEN
    assert await failed(reader, "file:///etc/passwd") is Failure.BAD_ADDRESS
    assert web.connections == 0


async def test_a_page_that_names_private_places_gives_addresses_that_the_guard_refuses(
    web: Server, reader: PageReader
):
    """Case 100. A private AMP twin is no twin; a private picture is refused when it is asked for, like any other."""
    head = b"<meta property=og:image content='http://169.254.169.254/latest'><link rel=amphtml href='http://10.0.0.1/'>"
    web.answers["/page"] = answered(200, head, HTML)
    assert await read(reader, web.url("/page")) == Found(("http://169.254.169.254/latest",), "")


async def test_a_page_that_names_itself_ends(web: Server, reader: PageReader):
    """Case 100, in a loop: what is found is fetched as a picture, and never read as a page."""
    head = b"<meta property=og:image content='/page'><link rel=amphtml href='/page'>"
    web.answers["/page"] = answered(200, head, HTML)
    assert await read(reader, web.url("/page")) == Found((web.url("/page"),), web.url("/page"))
    assert paths(web) == ["/robots.txt", "/page"]
