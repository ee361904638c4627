"""Cases 58 to 75: what a connection can do."""

import asyncio
import gzip
import os
import ssl

import pytest

from services.enrichment.images.fetch_outcome import (
    FailureKind,
    RetryLater,
    VerifiedPicture,
)
from services.enrichment.images.limits import MAX_PICTURE_BYTES
from tests.integration.images.hostile.server import (
    CHUNKED,
    chunk,
    drip,
    endless,
    half_a_head,
    hang_up,
    head_only,
    reset,
    response,
    run_server,
    silence,
    unresponsive_host,
)
from tests.integration.images.hostile.tls import client_context, make_authority, server_context
from tests.integration.images.hostile.web import HOME, WorkerWeb, fetch_in_child
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)
MB = 1024 * 1024


async def fetch_kind_in_time(web, url, seconds):
    """The kind of the outcome, which takes little more than its seconds, not for ever."""
    async with asyncio.timeout(seconds + 60):
        return await web.fetch_kind(url, seconds)


@pytest.mark.hostile(58)
async def test_a_host_that_does_not_accept_the_connection_is_retried(web):
    with unresponsive_host("127.1.0.9") as port:
        assert await fetch_kind_in_time(web, f"http://127.1.0.9:{port}/", 0.7) == RetryLater


@pytest.mark.hostile(59)
@pytest.mark.parametrize("script", [silence, half_a_head])
async def test_a_host_that_sends_no_head_is_retried(web, host, script):
    host.responses["/x"] = script
    assert await fetch_kind_in_time(web, host.url("/x"), 0.7) == RetryLater


@pytest.mark.hostile(58, 59)
async def test_a_long_attempt_gives_up_early_on_silence(web, host):
    """5 s to connect, 10 s without a byte."""
    host.responses["/x"] = silence
    async with run_server("127.1.0.2") as other:
        other.responses["/y"] = head_only(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        with unresponsive_host("127.1.0.9") as port:
            urls = [f"http://127.1.0.9:{port}/", host.url("/x"), other.url("/y")]
            outcomes = await asyncio.gather(*(web.fetch(url, 60) for url in urls))
    reasons = [str(outcome).partition(":")[0] for outcome in outcomes]
    assert reasons == [
        "the host accepted no connection in time",
        "the host stopped answering",
        "the host stopped answering",
    ]


@pytest.mark.hostile(60)
async def test_a_drip_feed_is_retried(web, host):
    host.responses["/x"] = drip(0.02)
    assert await fetch_kind_in_time(web, host.url("/x"), 0.7) == RetryLater


@pytest.mark.hostile(61)
@pytest.mark.parametrize(
    "script", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n", CHUNKED, CHUNKED + b"ffff\r\nhalf"]
)
async def test_an_early_end_is_retried(web, host, script):
    host.responses["/x"] = script
    assert await web.fetch_kind(host.url("/x")) == RetryLater


@pytest.mark.hostile(62)
@pytest.mark.parametrize(
    ("length", "outcome"),
    [
        (str(MAX_PICTURE_BYTES + 1), FailureKind.TOO_LARGE),
        ("9" * 20, FailureKind.TOO_LARGE),
        ("9" * 30, RetryLater),  # no number for the HTTP parser
    ],
)
async def test_a_length_over_the_limit_is_refused_unread(web, host, length, outcome):
    """The body never comes: to wait for it would take all of the seconds."""
    host.responses["/x"] = head_only(
        f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode()
    )
    assert await web.fetch_kind(host.url("/x"), 30) == outcome


@pytest.mark.hostile(63)
async def test_chunks_over_the_limit_are_refused(host):
    host.responses["/x"] = endless(CHUNKED, chunk(bytes(MB)))
    fetched = await fetch_in_child(host.url("/x"))
    assert fetched.outcome == FailureKind.TOO_LARGE
    assert fetched.grown < 64


@pytest.mark.hostile(64)
async def test_a_false_length_is_retried_or_truncates_the_body(web, host):
    host.responses["/more"] = response(200, JPEG, length=len(JPEG) + 100)
    host.responses["/less"] = response(200, JPEG, length=len(JPEG) - 300)
    host.responses["/two"] = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456"
    )
    host.responses["/odd"] = b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n123456"
    kinds = [await web.fetch_kind(host.url(path)) for path in ("/more", "/less", "/two", "/odd")]
    assert kinds == [RetryLater, FailureKind.BROKEN, RetryLater, RetryLater]


@pytest.mark.hostile(65)
async def test_a_body_without_end_is_too_large(host):
    host.responses["/x"] = endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536))
    fetched = await fetch_in_child(host.url("/x"))
    assert fetched.outcome == FailureKind.TOO_LARGE
    assert fetched.grown < 64


@pytest.mark.hostile(66)
async def test_ten_thousand_headers_are_retried_in_little_memory(host):
    host.responses["/x"] = response(
        200, JPEG, *(f"X-{number}: {'v' * 90}" for number in range(10_000))
    )
    host.responses["/one"] = endless(b"HTTP/1.1 200 OK\r\nX: ", b"v" * 65536)
    host.responses["/lines"] = endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 1000)
    host.responses["/hints"] = endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 100)
    for path in ("/x", "/one", "/lines", "/hints"):
        fetched = await fetch_in_child(host.url(path), 5)
        assert (path, fetched.outcome) == (path, "RetryLater")
        assert fetched.grown < 32
    host.responses["/end"] = endless(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000)
    assert (await fetch_in_child(host.url("/end"), 5)).outcome == "RetryLater"


@pytest.mark.hostile(67)
@pytest.mark.parametrize(
    "encoding", ["gzip", "x-gzip", "deflate", "GZIP", "identity, gzip", "gzip, identity"]
)
async def test_a_compressed_body_is_refused(web, host, encoding):
    host.responses["/x"] = response(200, gzip.compress(JPEG), f"Content-Encoding: {encoding}")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.ENCODED
    assert "accept-encoding: identity" in host.requests[0].lower()


@pytest.mark.hostile(68)
async def test_a_gzip_bomb_is_never_inflated(host):
    bomb = gzip.compress(bytes(200 * MB), 9)
    host.responses["/declared"] = response(200, bomb, "Content-Encoding: gzip")
    host.responses["/undeclared"] = response(200, bomb, "Content-Type: image/jpeg")
    host.responses["/sent"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + chunk(bomb) + b"0\r\n\r\n"
    )
    outcomes = {}
    for path in ("/declared", "/undeclared", "/sent"):
        fetched = await fetch_in_child(host.url(path))
        outcomes[path] = fetched.outcome
        assert fetched.grown < 32
    assert outcomes == {
        "/declared": FailureKind.ENCODED,
        "/undeclared": FailureKind.UNSUPPORTED,
        "/sent": "RetryLater",
    }


@pytest.mark.hostile(69)
@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "Zstd", "none, br"])
async def test_other_compressions_are_refused_too(web, host, encoding):
    host.responses["/x"] = response(200, JPEG, f"Content-Encoding: {encoding}")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.ENCODED


@pytest.mark.hostile(69)
@pytest.mark.parametrize(
    "encoding", ["exi", "sdch", "\xff", "UTF-8", "aws-chunked,", "none", "binary", "image/jpeg"]
)
async def test_the_body_under_an_unknown_encoding_is_judged_as_it_is(web, host, encoding):
    header = f"Content-Encoding: {encoding}"
    host.responses["/plain"] = response(200, JPEG, header)
    host.responses["/bomb"] = response(200, gzip.compress(bytes(20 * MB)), header)
    assert await web.fetch_kind(host.url("/plain")) == VerifiedPicture
    assert await web.fetch_kind(host.url("/bomb")) == FailureKind.UNSUPPORTED


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
async def test_a_partial_response_is_refused(web, host, headers):
    host.responses["/x"] = response(206, JPEG, *headers)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.STATUS


@pytest.mark.hostile(71)
async def test_not_modified_is_refused_unless_the_request_was_conditional(web, host):
    host.responses["/x"] = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'
    assert await web.fetch_kind(host.url("/x")) == FailureKind.STATUS
    assert "if-none-match" not in host.requests[0].lower()


@pytest.mark.hostile(72)
async def test_an_empty_body_is_not_a_picture(web, host):
    host.responses["/x"] = response(200, b"", "Content-Type: image/jpeg")
    host.responses["/y"] = CHUNKED + b"0\r\n\r\n"
    assert [await web.fetch_kind(host.url(path)) for path in ("/x", "/y")] == [
        FailureKind.NOT_A_PICTURE
    ] * 2


@pytest.mark.hostile(73)
async def test_a_certificate_for_another_name_gets_no_request(forbidden):
    authority = make_authority()
    web = WorkerWeb(tls=client_context(authority))
    web.names = {"good.example": [HOME], "evil.example": [HOME]}
    async with run_server(HOME, server_context(authority, "good.example")) as secure:
        secure.responses["/x"] = response(200, JPEG)
        assert await web.fetch_kind(secure.url("/x", "good.example")) == VerifiedPicture
        assert await web.fetch_kind(secure.url("/x", "evil.example")) == RetryLater
        assert await web.fetch_kind(secure.url("/x")) == RetryLater
        assert len(secure.requests) == 1
    untrusting = WorkerWeb()  # as in production: it trusts the system's authorities
    untrusting.names = web.names
    async with run_server(HOME, server_context(authority, "good.example")) as secure:
        assert await untrusting.fetch_kind(secure.url("/x", "good.example")) == RetryLater
        assert secure.requests == []
    await web.close()
    await untrusting.close()


@pytest.mark.hostile(74)
async def test_a_reset_in_mid_body_is_retried(web, host):
    host.responses["/x"] = reset
    assert await web.fetch_kind(host.url("/x")) == RetryLater
    host.responses["/x"] = hang_up
    assert await web.fetch_kind(host.url("/x")) == RetryLater


@pytest.mark.hostile(75)
async def test_a_fetch_cancelled_in_mid_body_leaves_nothing_behind(web, host):
    head_arrived, host_noticed = asyncio.Event(), asyncio.Event()

    async def half(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        await writer.drain()
        head_arrived.set()
        await reader.read()
        host_noticed.set()

    host.responses["/x"] = half
    host.responses["/a.jpg"] = response(200, JPEG)
    for _ in range(5):  # more than slots, and than connections to the host
        head_arrived.clear()
        host_noticed.clear()
        waiting = asyncio.create_task(web.fetch(host.url("/x"), 30))
        await head_arrived.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(10):
            await host_noticed.wait()
    assert await web.fetch_kind(host.url("/a.jpg")) == VerifiedPicture


@pytest.mark.hostile(73)
async def test_a_host_that_wants_our_certificate_or_breaks_the_cipher_is_retried(forbidden):
    """With TLS 1.3 the host says so only after our side of the handshake is done."""
    authority = make_authority()
    web = WorkerWeb(tls=client_context(authority))
    web.names = {"good.example": [HOME]}
    demanding = server_context(authority, "good.example")
    demanding.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(demanding)
    async with run_server(HOME, demanding) as secure:
        assert await web.fetch_kind(secure.url("/x", "good.example")) == RetryLater

    async def garble(reader, writer):
        os.write(writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        await reader.read()

    async with run_server(HOME, server_context(authority, "good.example")) as secure:
        secure.responses["/x"] = garble
        assert await web.fetch_kind(secure.url("/x", "good.example")) == RetryLater
    await web.close()
