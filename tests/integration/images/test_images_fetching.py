"""Fetching from hosts that mean harm, over real sockets: a typed outcome, in bounded time and memory."""

import asyncio
import time
from ipaddress import ip_address, ip_network

import pytest

from services.enrichment.images.fetching import Fetcher
from services.enrichment.images.guard import Guard, Unresolved
from services.enrichment.images.hosts import Hosts
from services.enrichment.images.outcomes import Failed, Failure, Later, Measured
from services.enrichment.images.verification import Verifier
from tests.integration.images.hostile import answered, drip, endless, hang_up, server, silence
from tests.picture_host import picture

LOOPBACK = (ip_network("127.0.0.0/8"),)
JPEG = picture(64, 48)


@pytest.fixture
async def host():
    async with server() as running:
        yield running


@pytest.fixture
async def forbidden():
    """A listener that nothing may ever connect to."""
    async with server() as running:
        yield running
        assert running.connections == 0


def resolver(**names):
    async def resolve(host, port):
        if host not in names:
            raise Unresolved(f"{host} has no address")
        return [ip_address(address) for address in names[host].split()]

    return resolve


async def fetched(fetcher, url, seconds):
    async with fetcher.fetched(url, seconds) as outcome:
        return outcome


async def fetch(url, seconds=3.0, allowed=LOOPBACK, **names):
    fetcher = Fetcher(Guard(allowed, resolver(**names)), Hosts(2, time.monotonic), Verifier(), 4, "Tests/1")
    try:
        return await fetched(fetcher, url, seconds)
    finally:
        await fetcher.close()


def kind(outcome):
    return outcome.kind if isinstance(outcome, Failed) else type(outcome)


async def test_a_picture_is_measured(host):
    host.answers["/a.jpg"] = answered(200, JPEG, "Content-Type: text/html")
    assert await fetch(host.url("/a.jpg")) == Measured(JPEG, "image/jpeg", 64, 48, 1)
    head = host.asked[0].lower()
    assert "accept-encoding: identity" in head
    assert "cookie" not in head
    assert "authorization" not in head


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Failure.NOT_A_PICTURE),
        (204, Failure.STATUS),
        (206, Failure.STATUS),
        (300, Failure.STATUS),
        (304, Failure.STATUS),
        (400, Failure.STATUS),
        (401, Failure.FORBIDDEN),
        (403, Failure.FORBIDDEN),
        (404, Failure.NOT_FOUND),
        (410, Failure.NOT_FOUND),
        (408, Later),
        (429, Later),
        (500, Later),
        (503, Later),
    ],
)
async def test_every_status_has_its_outcome(host, status, outcome):
    host.answers["/x"] = answered(status, b"<html>no picture</html>" if status == 200 else b"")
    assert kind(await fetch(host.url("/x"))) == outcome


async def test_a_host_that_asks_for_patience_is_heard(host):
    host.answers["/x"] = answered(429, b"", "Retry-After: 77")
    assert (await fetch(host.url("/x"))).after == 77


@pytest.mark.parametrize("answer", [silence, drip(0.02)])
async def test_a_slow_host_is_left_for_later_in_time(host, answer):
    host.answers["/x"] = answer
    started = time.monotonic()
    assert isinstance(await fetch(host.url("/x"), seconds=0.5), Later)
    assert time.monotonic() - started < 5


async def test_a_broken_connection_is_for_later(host):
    host.answers["/x"] = hang_up
    assert isinstance(await fetch(host.url("/x")), Later)


async def test_a_closed_port_is_for_later(host):
    assert isinstance(await fetch("http://127.0.0.1:9/x"), Later)


async def test_a_name_without_an_address_is_for_later():
    assert isinstance(await fetch("http://nowhere.example/x"), Later)


async def test_a_body_without_end_is_too_large(host):
    host.answers["/x"] = endless
    assert kind(await fetch(host.url("/x"), seconds=30)) == Failure.TOO_LARGE


async def test_a_length_over_the_limit_is_refused_unread(host):
    host.answers["/x"] = answered(200, b"x", length=16 * 1024 * 1024)
    assert kind(await fetch(host.url("/x"))) == Failure.TOO_LARGE


async def test_what_is_compressed_unasked_is_refused(host):
    host.answers["/x"] = answered(200, JPEG, "Content-Encoding: gzip")
    assert kind(await fetch(host.url("/x"))) == Failure.ENCODED


async def test_garbage_instead_of_http_is_for_later(host):
    host.answers["/x"] = b"\x00\x01 this is no answer\r\n\r\n"
    assert isinstance(await fetch(host.url("/x")), Later)


async def test_ten_thousand_headers_are_too_many(host):
    host.answers["/x"] = answered(200, JPEG, *(f"X-{number}: {number}" for number in range(10_000)))
    assert isinstance(await fetch(host.url("/x")), Later)


class TestRedirects:
    async def test_are_followed_three_times(self, host):
        for number in range(3):
            host.answers[f"/{number}"] = answered(302, b"", f"Location: /{number + 1}")
        host.answers["/3"] = answered(200, JPEG)
        assert isinstance(await fetch(host.url("/0")), Measured)

    async def test_in_a_loop_end(self, host):
        host.answers["/x"] = answered(301, b"", "Location: /x")
        assert kind(await fetch(host.url("/x"))) == Failure.REDIRECTS
        assert len(host.asked) == 4

    async def test_to_nowhere_end(self, host):
        host.answers["/x"] = answered(302)
        assert kind(await fetch(host.url("/x"))) == Failure.REDIRECTS

    async def test_to_an_address_inside_are_refused(self, host, forbidden):
        allowed = (ip_network("127.0.0.1/32"),)
        for target in (
            forbidden.url("/", "127.0.0.2"),
            forbidden.url("/", "[::ffff:127.0.0.2]"),
            "http://169.254.169.254/",
        ):
            host.answers["/x"] = answered(302, b"", f"Location: {target}")
            assert kind(await fetch(host.url("/x"), allowed=allowed)) == Failure.FORBIDDEN

    async def test_to_a_name_that_is_inside_are_refused(self, host, forbidden):
        host.answers["/x"] = answered(302, b"", f"Location: http://inside.example:{forbidden.port}/")
        outcome = await fetch(host.url("/x"), allowed=(ip_network("127.0.0.1/32"),), **{"inside.example": "127.0.0.2"})
        assert kind(outcome) == Failure.FORBIDDEN

    async def test_set_no_cookies(self, host):
        host.answers["/x"] = answered(302, b"", "Location: /y", "Set-Cookie: a=b")
        host.answers["/y"] = answered(200, JPEG)
        await fetch(host.url("/x"))
        assert "cookie" not in host.asked[1].lower()


class TestTheGuard:
    @pytest.mark.parametrize(
        "name",
        ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "localhost."],
    )
    async def test_loopback_by_any_name_is_refused(self, forbidden, name):
        names = {"localhost": "127.0.0.1 ::1", "localhost.": "127.0.0.1"}
        outcome = await fetch(f"http://{name}:{forbidden.port}/", allowed=(), **names)
        assert kind(outcome) == Failure.FORBIDDEN

    async def test_one_inner_address_among_public_ones_is_enough(self, forbidden):
        url = f"http://mixed.example:{forbidden.port}/"
        outcome = await fetch(url, allowed=(), **{"mixed.example": "93.184.216.34 127.0.0.1"})
        assert kind(outcome) == Failure.FORBIDDEN

    async def test_a_port_that_is_not_the_webs_is_refused(self):
        outcome = await fetch("http://public.example:22/", allowed=(), **{"public.example": "93.184.216.34"})
        assert kind(outcome) == Failure.FORBIDDEN

    async def test_a_second_answer_of_the_resolver_changes_nothing(self, host, forbidden):
        answers = iter(["127.0.0.1", "127.0.0.2"])

        async def rebinding(name, port):
            return [ip_address(next(answers))]

        host.answers["/x"] = answered(200, JPEG)
        fetcher = Fetcher(
            Guard((ip_network("127.0.0.1/32"),), rebinding), Hosts(2, time.monotonic), Verifier(), 4, "Tests/1"
        )
        assert isinstance(await fetched(fetcher, host.url("/x", "rebind.example"), 3), Measured)
        outcome = await fetched(fetcher, forbidden.url("/x", "rebind.example"), 3)
        await fetcher.close()
        assert kind(outcome) == Failure.FORBIDDEN


async def test_a_host_that_is_down_is_left_alone(host):
    host.answers["/x"] = answered(500)
    fetcher = Fetcher(Guard(LOOPBACK), Hosts(2, time.monotonic), Verifier(), 4, "Tests/1")
    outcomes = [await fetched(fetcher, host.url("/x"), 3) for _ in range(8)]
    await fetcher.close()
    assert all(isinstance(outcome, Later) for outcome in outcomes)
    assert len(host.asked) == 5


async def test_a_fetch_that_is_cancelled_frees_its_place(host):
    arrived = asyncio.Event()

    async def silent(reader, writer):
        arrived.set()
        await silence(reader, writer)

    host.answers["/x"] = silent
    host.answers["/a.jpg"] = answered(200, JPEG)
    fetcher = Fetcher(Guard(LOOPBACK), Hosts(1, time.monotonic), Verifier(), 1, "Tests/1")
    waiting = asyncio.create_task(fetched(fetcher, host.url("/x"), 30))
    await arrived.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(await fetched(fetcher, host.url("/a.jpg"), 3), Measured)
    await fetcher.close()
