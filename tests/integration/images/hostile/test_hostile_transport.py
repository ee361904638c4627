"""Cases 58 to 75: what a connection can do."""

import asyncio
import gzip
import os
import ssl
import time

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Later, Measured
from services.enrichment.images.limits import BYTES
from tests.integration.images.hostile.server import (
    CHUNKED,
    answered,
    chunk,
    deaf,
    drip,
    endless,
    half_a_head,
    hang_up,
    reset,
    server,
    silence,
)
from tests.integration.images.hostile.tls import authority, client, served
from tests.integration.images.hostile.web import HOME, Web, bounded
from tests.picture_host import picture

JPEG = picture(64, 48)
MB = 1024 * 1024


async def in_time(web, url, seconds):
    """The kind of its outcome, and that it took little more than its seconds."""
    since = time.monotonic()
    kind = await web.kind(url, seconds)
    assert time.monotonic() - since < seconds + 5
    return kind


@pytest.mark.hostile(58)
async def test_a_host_that_does_not_take_the_connection_is_for_later(web):
    with deaf("127.1.0.9") as port:
        assert await in_time(web, f"http://127.1.0.9:{port}/", 0.7) == Later


@pytest.mark.hostile(59)
@pytest.mark.parametrize("answer", [silence, half_a_head])
async def test_a_head_that_does_not_come_is_for_later(web, host, answer):
    host.answers["/x"] = answer
    assert await in_time(web, host.url("/x"), 0.7) == Later


@pytest.mark.hostile(58, 59)
async def test_an_attempt_with_long_patience_gives_up_on_silence_before(web, host):
    """5 s to connect, 10 s without a byte."""
    host.answers["/x"] = silence
    host.answers["/y"] = unsent(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    async with server("127.1.0.2") as other:
        other.answers["/y"] = host.answers["/y"]
        with deaf("127.1.0.9") as port:
            urls = [f"http://127.1.0.9:{port}/", host.url("/x"), other.url("/y")]
            outcomes = await asyncio.gather(*(web.fetch(url, 60) for url in urls))
    assert [str(outcome).partition(":")[0] for outcome in outcomes] == [
        "ConnectTimeout",
        "ReadTimeout",
        "ReadTimeout",
    ]


@pytest.mark.hostile(60)
async def test_a_drip_feed_is_for_later(web, host):
    host.answers["/x"] = drip(0.02)
    assert await in_time(web, host.url("/x"), 0.7) == Later


@pytest.mark.hostile(61)
@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n", CHUNKED, CHUNKED + b"ffff\r\nhalf"]
)
async def test_an_end_that_comes_early_is_for_later(web, host, answer):
    host.answers["/x"] = answer
    assert await web.kind(host.url("/x")) == Later


@pytest.mark.hostile(62)
@pytest.mark.parametrize(
    ("length", "outcome"),
    [
        (str(BYTES + 1), Failure.TOO_LARGE),
        ("9" * 20, Failure.TOO_LARGE),
        ("9" * 30, Later),
    ],  # the last is no number
)
async def test_a_length_over_the_limit_is_refused_unread(web, host, length, outcome):
    """Nothing of the body ever comes: who waited for it would need all of its seconds."""
    host.answers["/x"] = unsent(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode())
    assert await web.kind(host.url("/x"), 30) == outcome


def unsent(head):
    async def answer(reader, writer):
        writer.write(head)
        await reader.read()

    return answer


@pytest.mark.hostile(63)
async def test_chunks_over_the_limit_are_refused(host):
    host.answers["/x"] = endless(CHUNKED, chunk(bytes(MB)))
    found = await bounded(host.url("/x"))
    assert found.outcome == Failure.TOO_LARGE
    assert found.grown < 64


@pytest.mark.hostile(64)
async def test_a_length_that_is_false_is_for_later_or_cut(web, host):
    host.answers["/more"] = answered(200, JPEG, length=len(JPEG) + 100)
    host.answers["/less"] = answered(200, JPEG, length=len(JPEG) - 300)
    host.answers["/two"] = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456"
    )
    host.answers["/odd"] = b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n123456"
    kinds = [await web.kind(host.url(path)) for path in ("/more", "/less", "/two", "/odd")]
    assert kinds == [Later, Failure.BROKEN, Later, Later]


@pytest.mark.hostile(65)
async def test_a_body_without_end_is_too_large(host):
    host.answers["/x"] = endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536))
    found = await bounded(host.url("/x"))
    assert found.outcome == Failure.TOO_LARGE
    assert found.grown < 64


@pytest.mark.hostile(66)
async def test_ten_thousand_headers_are_for_later_in_little_memory(host):
    host.answers["/x"] = answered(
        200, JPEG, *(f"X-{number}: {'v' * 90}" for number in range(10_000))
    )
    host.answers["/one"] = endless(b"HTTP/1.1 200 OK\r\nX: ", b"v" * 65536)
    host.answers["/lines"] = endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000)
    host.answers["/hints"] = endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)
    for path in ("/x", "/one", "/lines", "/hints"):
        found = await bounded(host.url(path), 5)
        assert (path, found.outcome) == (path, "Later")
        assert found.grown < 32
    host.answers["/end"] = endless(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000)
    assert (await bounded(host.url("/end"), 5)).outcome == "Later"


@pytest.mark.hostile(67)
@pytest.mark.parametrize(
    "encoding", ["gzip", "x-gzip", "deflate", "GZIP", "identity, gzip", "gzip, identity"]
)
async def test_what_is_compressed_unasked_is_refused(web, host, encoding):
    host.answers["/x"] = answered(200, gzip.compress(JPEG), f"Content-Encoding: {encoding}")
    assert await web.kind(host.url("/x")) == Failure.ENCODED
    assert "accept-encoding: identity" in host.asked[0].lower()


@pytest.mark.hostile(68)
async def test_a_gzip_bomb_is_never_inflated(host):
    bomb = gzip.compress(bytes(200 * MB), 9)
    host.answers["/said"] = answered(200, bomb, "Content-Encoding: gzip")
    host.answers["/unsaid"] = answered(200, bomb, "Content-Type: image/jpeg")
    host.answers["/sent"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunk(bomb) + b"0\r\n\r\n"
    )
    outcomes = {}
    for path in ("/said", "/unsaid", "/sent"):
        found = await bounded(host.url(path))
        outcomes[path] = found.outcome
        assert found.grown < 32
    assert outcomes == {"/said": Failure.ENCODED, "/unsaid": Failure.UNSUPPORTED, "/sent": "Later"}


@pytest.mark.hostile(69)
@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "exi", "sdch", "\xff"])
async def test_other_encodings_are_refused_too(web, host, encoding):
    host.answers["/x"] = answered(200, JPEG, f"Content-Encoding: {encoding}")
    assert await web.kind(host.url("/x")) == Failure.ENCODED


@pytest.mark.hostile(70)
@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Content-Range: bytes 0-99/1000",),
        (f"Content-Range: bytes 0-{len(JPEG) - 1}/{len(JPEG)}",),
        ("Content-Range: bytes */1000",),
        ("Content-Type: multipart/byteranges; boundary=x",),
    ],
)
async def test_a_part_that_nobody_asked_for_is_refused(web, host, headers):
    host.answers["/x"] = answered(206, JPEG, *headers)
    assert await web.kind(host.url("/x")) == Failure.STATUS


@pytest.mark.hostile(71)
async def test_not_modified_without_a_question_is_refused(web, host):
    host.answers["/x"] = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'
    assert await web.kind(host.url("/x")) == Failure.STATUS
    assert "if-none-match" not in host.asked[0].lower()


@pytest.mark.hostile(72)
async def test_an_empty_200_is_no_picture(web, host):
    host.answers["/x"] = answered(200, b"", "Content-Type: image/jpeg")
    host.answers["/y"] = CHUNKED + b"0\r\n\r\n"
    assert [await web.kind(host.url(path)) for path in ("/x", "/y")] == [Failure.NOT_A_PICTURE] * 2


@pytest.mark.hostile(73)
async def test_a_certificate_for_another_name_gets_no_request(forbidden):
    trusted = authority()
    web = Web(tls=client(trusted))
    web.names = {"good.example": [HOME], "evil.example": [HOME]}
    async with server(HOME, served(trusted, "good.example")) as secure:
        secure.answers["/x"] = answered(200, JPEG)
        assert await web.kind(secure.url("/x", "good.example")) == Measured
        assert await web.kind(secure.url("/x", "evil.example")) == Later
        assert await web.kind(secure.url("/x")) == Later
        assert len(secure.asked) == 1
    untrusting = Web()  # as in production: whom the system trusts
    untrusting.names = web.names
    async with server(HOME, served(trusted, "good.example")) as secure:
        assert await untrusting.kind(secure.url("/x", "good.example")) == Later
        assert secure.asked == []
    await web.close()
    await untrusting.close()


@pytest.mark.hostile(74)
async def test_a_reset_in_mid_body_is_for_later(web, host):
    host.answers["/x"] = reset
    assert await web.kind(host.url("/x")) == Later
    host.answers["/x"] = hang_up
    assert await web.kind(host.url("/x")) == Later


@pytest.mark.hostile(75)
async def test_a_fetch_that_is_cancelled_in_mid_body_leaves_nothing_behind(web, host):
    arrived, left = asyncio.Event(), asyncio.Event()

    async def half(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()
        arrived.set()
        await reader.read()
        left.set()

    host.answers["/x"] = half
    host.answers["/a.jpg"] = answered(200, JPEG)
    for _ in range(5):  # more than there are places, and connections to the host
        arrived.clear()
        left.clear()
        waiting = asyncio.create_task(web.fetch(host.url("/x"), 30))
        await arrived.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(10):
            await left.wait()
    assert await web.kind(host.url("/a.jpg")) == Measured


@pytest.mark.hostile(73)
async def test_a_host_that_wants_a_certificate_of_ours_or_breaks_the_cipher_is_for_later(forbidden):
    """With TLS 1.3 it says so only after its handshake is done for us."""
    trusted = authority()
    web = Web(tls=client(trusted))
    web.names = {"good.example": [HOME]}
    asking = served(trusted, "good.example")
    asking.verify_mode = ssl.CERT_REQUIRED
    trusted.configure_trust(asking)
    async with server(HOME, asking) as secure:
        assert await web.kind(secure.url("/x", "good.example")) == Later

    async def garble(reader, writer):
        os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        await reader.read()

    async with server(HOME, served(trusted, "good.example")) as secure:
        secure.answers["/x"] = garble
        assert await web.kind(secure.url("/x", "good.example")) == Later
    await web.close()
