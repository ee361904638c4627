"""Cases 49 to 57: redirects. Every hop is checked like the first address."""

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Measured
from tests.integration.images.hostile.server import answered, server
from tests.integration.images.hostile.tls import authority, client, served
from tests.integration.images.hostile.web import HOME, Web
from tests.picture_host import picture

JPEG = picture(64, 48)


def moved(location, status=302):
    return answered(status, b"", f"Location: {location}")


@pytest.mark.hostile(49)
async def test_a_loop_ends(web, host):
    host.answers["/x"] = moved("/y")
    host.answers["/y"] = moved(host.url("/x"))
    assert await web.kind(host.url("/x")) == Failure.REDIRECTS
    assert len(host.asked) == 4


@pytest.mark.hostile(50)
async def test_three_redirects_are_followed_and_no_fourth(web, host):
    for number in range(4):
        host.answers[f"/{number}"] = moved(f"/{number + 1}")
    host.answers["/4"] = answered(200, JPEG)
    assert await web.kind(host.url("/1")) == Measured
    assert await web.kind(host.url("/0")) == Failure.REDIRECTS


@pytest.mark.hostile(51)
@pytest.mark.parametrize(
    "name",
    ["127.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "localhost"],
)
async def test_to_loopback_is_refused(web, host, forbidden, name):
    web.names["localhost"] = ["127.0.0.1"]
    host.answers["/x"] = moved(f"http://{name}:{forbidden.port}/")
    assert await web.kind(host.url("/x")) == Failure.FORBIDDEN


@pytest.mark.hostile(52)
async def test_to_loopback_with_credentials_is_refused(web, host, forbidden):
    for location in (
        f"http://user:word@127.0.0.1:{forbidden.port}/",
        f"http://{HOME}@127.0.0.1:{forbidden.port}/",
    ):
        host.answers["/x"] = moved(location)
        assert await web.kind(host.url("/x")) == Failure.REDIRECTS


@pytest.mark.hostile(53)
async def test_to_a_name_that_resolves_to_loopback_is_refused(web, host, forbidden):
    web.names["inside.example"] = ["127.0.0.1"]
    host.answers["/x"] = moved(f"http://inside.example:{forbidden.port}/")
    assert await web.kind(host.url("/x")) == Failure.FORBIDDEN


@pytest.mark.hostile(54)
@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://127.0.0.1/", "data:image/png,x", "javascript:1"]
)
async def test_to_another_scheme_is_refused(web, host, location):
    host.answers["/x"] = moved(location)
    assert await web.kind(host.url("/x")) == Failure.REDIRECTS


@pytest.mark.hostile(55)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b/c.jpg", "c.jpg", "./c.jpg", "../b/c.jpg"])
async def test_a_relative_one_is_followed(web, host, status, location):
    host.answers["/b/a.jpg"] = moved(location, status)
    host.answers["/b/c.jpg"] = answered(200, JPEG)
    assert await web.kind(host.url("/b/a.jpg")) == Measured


@pytest.mark.hostile(56)
@pytest.mark.parametrize(
    "location", ["", " ", "http://", "http://[", "http://a.example:99999/", "//", "http://\x7f/"]
)
async def test_to_what_is_no_address_is_refused(web, host, location):
    host.answers["/x"] = moved(location)
    assert await web.kind(host.url("/x")) == Failure.REDIRECTS


async def test_without_a_location_is_refused(web, host):
    host.answers["/x"] = answered(302)
    assert await web.kind(host.url("/x")) == Failure.REDIRECTS


@pytest.mark.hostile(57)
async def test_from_https_to_http_is_refused(forbidden, host):
    trusted = authority()
    web = Web(tls=client(trusted))
    web.names["secure.example"] = [HOME]
    async with server(HOME, served(trusted, "secure.example")) as secure:
        secure.answers["/x"] = moved(host.url("/y"))
        secure.answers["/s"] = moved(secure.url("/t", "secure.example"))
        secure.answers["/t"] = answered(200, JPEG)
        assert await web.kind(secure.url("/s", "secure.example")) == Measured
        assert await web.kind(secure.url("/x", "secure.example")) == Failure.REDIRECTS
    await web.fetcher.close()
    assert host.connections == 0
