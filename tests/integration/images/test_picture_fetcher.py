"""Fetching from hosts that mean well, over real sockets. Those that mean harm are in `hostile/`."""

import asyncio

import pytest

from services.enrichment.images.fetching.fetch_outcome import Later, Measured, Unchanged, Validators
from services.enrichment.images.limits import BYTES
from tests.integration.images.hostile.server import CHUNKED, answered, chunk, server
from tests.integration.images.hostile.web import HOME, Web, kind_of
from tests.picture_host import picture

JPEG = picture(64, 48)


@pytest.fixture
async def host():
    async with server(HOME) as running:
        yield running


@pytest.fixture
async def web():
    made = Web()
    yield made
    await made.fetcher.close()


async def test_a_picture_is_measured(web, host):
    host.answers["/a.jpg"] = answered(200, JPEG, "Content-Type: text/html")
    assert await web.fetch(host.url("/a.jpg")) == Measured(JPEG, "image/jpeg", 64, 48, 1)


async def test_a_request_says_who_we_are_and_nothing_else_of_us(web, host):
    await web.fetch(host.url("/a.jpg"))
    head = host.asked[0].lower()
    names = {line.split(":")[0] for line in head.splitlines()[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert "user-agent: seedwire/test" in head
    assert "accept-encoding: identity" in head


async def test_cookies_are_not_kept(web, host):
    host.answers["/x"] = answered(302, b"", "Location: /y", "Set-Cookie: a=b")
    host.answers["/y"] = answered(200, JPEG)
    await web.fetch(host.url("/x"))
    assert "cookie" not in host.asked[1].lower()


class TestAskingAgain:
    async def test_what_the_host_says_of_a_version_comes_with_the_picture(self, web, host):
        host.answers["/x"] = answered(
            200, JPEG, 'ETag: W/"1"', "Last-Modified: Mon, 02 Mar 2026 10:00:00 GMT"
        )
        outcome = await web.fetch(host.url("/x"))
        assert outcome.validators == Validators('W/"1"', "Mon, 02 Mar 2026 10:00:00 GMT")

    async def test_it_is_asked_whether_it_has_another(self, web, host):
        host.answers["/x"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        known = Validators('"1"', "Mon, 02 Mar 2026 10:00:00 GMT")
        async with web.fetcher.fetched(host.url("/x"), 3, known) as outcome:
            assert outcome == Unchanged()
        assert 'if-none-match: "1"' in host.asked[0].lower()
        assert "if-modified-since: mon, 02 mar 2026 10:00:00 gmt" in host.asked[0].lower()

    @pytest.mark.parametrize("etag", ['"' + "x" * 300 + '"', '"é"', '"\x7f"'])
    async def test_what_we_would_not_send_back_is_not_kept(self, web, host, etag):
        host.answers["/x"] = answered(200, JPEG).replace(
            b"\r\n", f"\r\nETag: {etag}\r\n".encode("latin-1"), 1
        )
        outcome = await web.fetch(host.url("/x"))
        assert isinstance(outcome, Later) or outcome.validators == Validators()


async def test_a_host_that_is_down_is_left_alone(web, host):
    host.answers["/x"] = answered(500)
    outcomes = [await web.fetch(host.url("/x")) for _ in range(8)]
    assert {kind_of(outcome) for outcome in outcomes} == {Later}
    assert len(host.asked) == 5


async def test_no_more_answers_are_held_than_there_are_places(web, host):
    """The bytes of one that is not yet saved keep their place: 4 here."""
    host.answers["/x"] = answered(200, JPEG)
    inside, most, leave = 0, 0, asyncio.Event()

    async def hold(number):
        nonlocal inside, most
        async with server(f"127.1.0.{number + 10}") as other:
            other.answers["/x"] = answered(200, JPEG)
            async with web.fetcher.fetched(other.url("/x"), 30):
                inside += 1
                most = max(most, inside)
                if inside == 4:
                    leave.set()
                await leave.wait()
                await asyncio.sleep(0.01)
                inside -= 1

    await asyncio.gather(*(hold(number) for number in range(12)))
    assert most == 4


async def test_a_redirect_counts_against_the_host_it_leads_to(web, host):
    async with server("127.1.0.5") as other:
        busy, most = 0, 0

        async def counted(reader, writer):
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            await asyncio.sleep(0.05)
            writer.write(answered(200, JPEG))
            busy -= 1

        other.answers["/y"] = counted
        host.answers["/x"] = answered(302, b"", f"Location: {other.url('/y')}")
        urls = [host.url("/x"), other.url("/y")] * 4
        outcomes = await asyncio.gather(*(web.fetch(url) for url in urls))
    assert {kind_of(outcome) for outcome in outcomes} == {Measured}
    assert most <= 2


async def test_who_waits_for_room_loses_none_of_his_time(host):
    """Two bodies that say no length: there is room for one, and its reader takes longer than either may."""
    web = Web(room=BYTES)
    host.answers["/x"] = CHUNKED + chunk(JPEG) + chunk(b"")
    async with server("127.1.0.2") as other:
        asked = asyncio.Event()
        other.answers["/x"] = telling(asked, host.answers["/x"])
        share = await web.room.take(BYTES)
        second = asyncio.create_task(web.fetch(other.url("/x"), 1))
        async with asyncio.timeout(20):
            await asked.wait()
        await asyncio.sleep(1.5)  # longer than its host has
        assert not second.done()
        share.leave()
        assert isinstance(await second, Measured)
    await web.close()


async def test_what_came_takes_no_more_room_than_it_has_bytes(host):
    web = Web(room=BYTES)
    host.answers["/x"] = CHUNKED + chunk(JPEG) + chunk(b"")
    async with web.fetcher.fetched(host.url("/x"), 3) as outcome:
        assert isinstance(outcome, Measured)
        (await web.room.take(BYTES - len(JPEG))).leave()
    (await web.room.take(BYTES)).leave()
    await web.close()


def telling(asked, content):
    async def answer(reader, writer):
        writer.write(content)
        await writer.drain()
        asked.set()

    return answer
