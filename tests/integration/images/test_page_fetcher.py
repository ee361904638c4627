"""Pages over real connections: what is read of them, and what is not."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address, ip_network

import pytest

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.fetch_outcome import Failure, FailureKind, RetryLater
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.http_client import HttpClient
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.network.address_rules import Address
from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.guarded_network import GuardedNetwork
from services.enrichment.images.pages.page_fetcher import MAX_HEAD_BYTES, PageFetcher
from services.enrichment.images.pages.page_metadata import PageMetadata
from tests.integration.images.hostile.server import (
    Script,
    Server,
    drip,
    endless,
    hang_up,
    redirect,
    response,
    run_server,
    silence,
)

HTML = "Content-Type: text/html; charset=utf-8"
PAGE = (
    b"<html><head><meta property='og:image' content='/a.jpg'>"
    b"<link rel=amphtml href=amp></head><body>"
)


async def resolve(host: str, port: int) -> Sequence[Address]:
    return [ip_address("10.0.0.1" if host == "inside.example" else "127.0.0.1")]


@pytest.fixture
async def site() -> AsyncIterator[Server]:
    """A site with a page and no robots.txt."""
    async with run_server() as server:
        server.responses["/robots.txt"] = response(404)
        server.responses["/page"] = response(200, PAGE, HTML)
        yield server


@pytest.fixture
async def fetcher(pool: DecodingPool) -> AsyncIterator[PageFetcher]:
    network = GuardedNetwork([ip_network("127.0.0.1/32")], resolve)
    client = HttpClient(ConnectionPool(network), "Seedwire/x")
    web = WebFetcher(client, HostLimits(2, time.monotonic), 4)
    yield PageFetcher(web, "Seedwire", time.monotonic, pool)
    await web.close()


async def fetch(
    fetcher: PageFetcher, url: str, seconds: float = 10
) -> PageMetadata | Failure | RetryLater:
    async with fetcher.fetch(url, seconds) as outcome:
        assert isinstance(outcome, (PageMetadata, Failure, RetryLater))
        return outcome


async def failure_kind(fetcher: PageFetcher, url: str) -> FailureKind:
    outcome = await fetch(fetcher, url)
    assert isinstance(outcome, Failure), outcome
    return outcome.kind


def requested_paths(site: Server) -> list[str]:
    return [head.split(" ")[1] for head in site.requests]


async def test_a_page_is_fetched_after_its_robots_txt(site: Server, fetcher: PageFetcher):
    metadata = await fetch(fetcher, site.url("/page"))
    assert metadata == PageMetadata((site.url("/a.jpg"),), site.url("/amp"))
    assert requested_paths(site) == ["/robots.txt", "/page"]
    head = site.requests[1]
    assert "User-Agent: Seedwire/x" in head
    assert "Accept-Encoding: identity" in head
    assert "text/html" in head


async def test_robots_txt_is_fetched_once(site: Server, fetcher: PageFetcher):
    for _ in range(3):
        await fetch(fetcher, site.url("/page"))
    assert requested_paths(site).count("/robots.txt") == 1


async def test_a_disallowed_page_is_not_requested(site: Server, fetcher: PageFetcher):
    site.responses["/robots.txt"] = response(200, b"User-agent: *\nDisallow: /page\n")
    assert await failure_kind(fetcher, site.url("/page")) is FailureKind.ROBOTS
    assert requested_paths(site) == ["/robots.txt"]


async def test_a_page_waits_while_its_robots_txt_cannot_be_fetched(
    site: Server, fetcher: PageFetcher
):
    site.responses["/robots.txt"] = response(503, b"", "Retry-After: 7")
    outcome = await fetch(fetcher, site.url("/page"))
    assert isinstance(outcome, RetryLater)
    assert outcome.retry_after == 7
    assert requested_paths(site) == ["/robots.txt"]


async def test_robots_txt_counts_for_every_hop_of_a_redirect(site: Server, fetcher: PageFetcher):
    site.responses["/robots.txt"] = response(200, b"User-agent: *\nDisallow: /hidden\n")
    site.responses["/old"] = redirect("/page", 301)
    site.responses["/out"] = redirect("/hidden/page", 301)
    metadata = await fetch(fetcher, site.url("/old"))
    assert isinstance(metadata, PageMetadata)
    assert metadata.images == (site.url("/a.jpg"),)
    assert await failure_kind(fetcher, site.url("/out")) is FailureKind.ROBOTS


async def test_no_more_is_read_than_the_head(site: Server, fetcher: PageFetcher):
    bytes_sent = 0

    async def send_without_end(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal bytes_sent
        writer.write(f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n".encode() + PAGE)
        while not writer.is_closing():
            writer.write(bytes(65536))
            bytes_sent += 65536
            await writer.drain()

    site.responses["/long"] = send_without_end
    assert isinstance(await fetch(fetcher, site.url("/long")), PageMetadata)
    assert bytes_sent < 64 * MAX_HEAD_BYTES  # what fits into the buffers of both sides


async def test_a_head_that_never_ends_is_cut(site: Server, fetcher: PageFetcher):
    head = f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n".encode()
    site.responses["/endless"] = endless(head, bytes(65536))
    assert await fetch(fetcher, site.url("/endless")) == PageMetadata()


@pytest.mark.parametrize("script", [silence, drip(0.1), hang_up])
async def test_a_slow_or_broken_connection_is_retried(
    site: Server, fetcher: PageFetcher, script: Script
):
    site.responses["/slow"] = script
    async with asyncio.timeout(60):  # it would take for ever
        assert isinstance(await fetch(fetcher, site.url("/slow"), 0.5), RetryLater)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (response(404), FailureKind.NOT_FOUND),
        (response(403), FailureKind.FORBIDDEN),
        (response(204), FailureKind.STATUS),
        (response(200, b"%PDF", "Content-Type: application/pdf"), FailureKind.NOT_A_PAGE),
        (response(200, b"\xff\xd8\xff", "Content-Type: image/jpeg"), FailureKind.NOT_A_PAGE),
        (response(200, PAGE, HTML, "Content-Encoding: gzip"), FailureKind.ENCODED),
        (redirect("/x"), FailureKind.REDIRECTS),
        (redirect("http://inside.example/page"), FailureKind.FORBIDDEN),
        (redirect("file:///etc/passwd"), FailureKind.REDIRECTS),
        (response(302), FailureKind.REDIRECTS),
    ],
)
async def test_what_is_not_a_page_has_failed(
    site: Server, fetcher: PageFetcher, page: bytes, kind: FailureKind
):
    site.responses["/x"] = page
    assert await failure_kind(fetcher, site.url("/x")) is kind


async def test_a_page_at_a_private_address_is_never_connected_to(
    site: Server, fetcher: PageFetcher
):
    private = await failure_kind(fetcher, "http://inside.example/page")
    assert private is FailureKind.FORBIDDEN
    assert await failure_kind(fetcher, "file:///etc/passwd") is FailureKind.BAD_URL
    assert site.connections == 0


async def test_private_urls_on_a_page_are_left_to_the_guarded_network(
    site: Server, fetcher: PageFetcher
):
    """Case 100. A private AMP twin is not believed; a private picture is refused when it is
    fetched, like any other."""
    picture = b"<meta property=og:image content='http://169.254.169.254/latest'>"
    amp = b"<link rel=amphtml href='http://10.0.0.1/'>"
    site.responses["/page"] = response(200, picture + amp, HTML)
    metadata = await fetch(fetcher, site.url("/page"))
    assert metadata == PageMetadata(("http://169.254.169.254/latest",), "")


async def test_a_page_that_names_itself_ends(site: Server, fetcher: PageFetcher):
    """Case 100, in a loop: what a page names is fetched as a picture, and never read as a page."""
    head = b"<meta property=og:image content='/page'><link rel=amphtml href='/page'>"
    site.responses["/page"] = response(200, head, HTML)
    url = site.url("/page")
    assert await fetch(fetcher, url) == PageMetadata((url,), url)
    assert requested_paths(site) == ["/robots.txt", "/page"]
