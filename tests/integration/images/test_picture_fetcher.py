"""Fetching from well-behaved hosts over real sockets. Hostile ones are in `hostile/`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from services.enrichment.images.fetch_outcome import (
    NotModified,
    RetryLater,
    Validators,
    VerifiedPicture,
)
from services.enrichment.images.limits import MAX_PICTURE_BYTES
from tests.integration.images.hostile.server import (
    CHUNKED,
    Script,
    Server,
    chunk,
    redirect,
    response,
    run_server,
)
from tests.integration.images.hostile.web import HOME, WorkerWeb, kind_of
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"


@pytest.fixture
async def host() -> AsyncIterator[Server]:
    async with run_server(HOME) as server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[WorkerWeb]:
    web = WorkerWeb()
    yield web
    await web.close()


async def test_a_picture_is_measured(web, host):
    host.responses["/a.jpg"] = response(200, JPEG, "Content-Type: text/html")
    outcome = await web.fetch(host.url("/a.jpg"))
    assert outcome == VerifiedPicture(JPEG, "image/jpeg", 64, 48, 1)


async def test_a_request_says_who_we_are_and_nothing_more(web, host):
    await web.fetch(host.url("/a.jpg"))
    _, *lines = host.requests[0].lower().splitlines()
    names = {line.split(":")[0] for line in lines if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "user-agent: seedwire/test" in lines
    assert "accept-encoding: identity" in lines


async def test_a_url_is_requested_as_it_was_checked(web, host):
    """To the byte: httpx would spell this path in another way."""
    await web.fetch(host.url("/a|b[c]%7C?q=|[]'"))
    request_line, host_line, *_ = host.requests[0].splitlines()
    assert request_line == "GET /a|b[c]%7C?q=|[]%27 HTTP/1.1"
    assert host_line == f"Host: {HOME}:{host.port}"


async def test_cookies_are_not_kept(web, host):
    host.responses["/x"] = response(302, b"", "Location: /y", "Set-Cookie: a=b")
    host.responses["/y"] = response(200, JPEG)
    await web.fetch(host.url("/x"))
    assert "cookie" not in host.requests[1].lower()


class TestConditionalRequests:
    async def test_the_hosts_validators_come_with_the_picture(self, web, host):
        host.responses["/x"] = response(200, JPEG, 'ETag: W/"1"', f"Last-Modified: {DATE}")
        outcome = await web.fetch(host.url("/x"))
        assert outcome.validators == Validators('W/"1"', DATE)

    async def test_a_known_version_makes_the_request_conditional(self, web, host):
        host.responses["/x"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        known = Validators('"1"', DATE)
        async with web.pictures.fetch(host.url("/x"), 3, known) as outcome:
            assert outcome == NotModified()
        head = host.requests[0].lower()
        assert 'if-none-match: "1"' in head
        assert f"if-modified-since: {DATE.lower()}" in head

    @pytest.mark.parametrize("etag", ['"' + "x" * 300 + '"', '"é"', '"\x7f"'])
    async def test_validators_that_we_could_not_send_back_are_dropped(self, web, host, etag):
        header = f"\r\nETag: {etag}\r\n".encode("latin-1")
        host.responses["/x"] = response(200, JPEG).replace(b"\r\n", header, 1)
        outcome = await web.fetch(host.url("/x"))
        assert isinstance(outcome, RetryLater) or outcome.validators == Validators()


async def test_a_host_that_is_down_is_left_alone(web, host):
    host.responses["/x"] = response(500)
    outcomes = [await web.fetch(host.url("/x")) for _ in range(8)]
    assert {kind_of(outcome) for outcome in outcomes} == {RetryLater}
    assert len(host.requests) == 5


async def test_no_more_bodies_are_in_hand_than_slots(web):
    """A body that is not yet stored keeps its slot; there are 4."""
    in_hand, most, full = 0, 0, asyncio.Event()

    async def fetch_and_hold(url: str) -> None:
        nonlocal in_hand, most
        async with web.pictures.fetch(url, 30):
            in_hand += 1
            most = max(most, in_hand)
            if in_hand == 4:
                full.set()
            await full.wait()
            await asyncio.sleep(0.01)
            in_hand -= 1

    async with AsyncExitStack() as stack:
        urls = []
        for number in range(10, 22):
            server = await stack.enter_async_context(run_server(f"127.1.0.{number}"))
            server.responses["/x"] = response(200, JPEG)
            urls.append(server.url("/x"))
        await asyncio.gather(*(fetch_and_hold(url) for url in urls))
    assert most == 4


async def test_a_redirect_counts_against_the_host_it_leads_to(web, host):
    concurrent, most = 0, 0

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal concurrent, most
        concurrent += 1
        most = max(most, concurrent)
        await asyncio.sleep(0.05)
        writer.write(response(200, JPEG))
        concurrent -= 1

    async with run_server("127.1.0.5") as other:
        other.responses["/y"] = respond
        host.responses["/x"] = redirect(other.url("/y"))
        urls = [host.url("/x"), other.url("/y")] * 4
        outcomes = await asyncio.gather(*(web.fetch(url) for url in urls))
    assert {kind_of(outcome) for outcome in outcomes} == {VerifiedPicture}
    assert most <= 2


async def test_waiting_for_memory_costs_the_host_none_of_its_time():
    """The body announces no length, so it needs all of the memory, which is held for longer than
    its host may take."""
    web = WorkerWeb(memory=MAX_PICTURE_BYTES)
    async with run_server("127.1.0.2") as host:
        has_responded = asyncio.Event()
        body = CHUNKED + chunk(JPEG) + chunk(b"")
        host.responses["/x"] = respond_and_set(has_responded, body)
        held = await web.memory.reserve(MAX_PICTURE_BYTES)
        seconds = 4  # enough for a response on a busy machine
        fetching = asyncio.create_task(web.fetch(host.url("/x"), seconds))
        async with asyncio.timeout(60):
            await has_responded.wait()
        await asyncio.sleep(seconds + 0.5)
        assert not fetching.done()
        held.release()
        assert isinstance(await fetching, VerifiedPicture)
    await web.close()


async def test_a_body_holds_no_more_memory_than_it_has_bytes(host):
    web = WorkerWeb(memory=MAX_PICTURE_BYTES)
    host.responses["/x"] = CHUNKED + chunk(JPEG) + chunk(b"")
    async with web.pictures.fetch(host.url("/x"), 3) as outcome:
        assert isinstance(outcome, VerifiedPicture)
        rest = await web.memory.reserve(MAX_PICTURE_BYTES - len(JPEG))
        rest.release()
    everything = await web.memory.reserve(MAX_PICTURE_BYTES)
    everything.release()
    await web.close()


def respond_and_set(event: asyncio.Event, content: bytes) -> Script:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        event.set()

    return respond
