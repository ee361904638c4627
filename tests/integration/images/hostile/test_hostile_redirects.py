"""Cases 49 to 57: redirects. Every hop is checked like the first URL."""

import pytest

from services.enrichment.images.fetch_outcome import FailureKind, VerifiedPicture
from tests.integration.images.hostile.server import redirect, response, run_server
from tests.integration.images.hostile.tls import client_context, make_authority, server_context
from tests.integration.images.hostile.web import HOME, WorkerWeb
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)


@pytest.mark.hostile(49)
async def test_a_redirect_loop_ends(web, host):
    host.responses["/x"] = redirect("/y")
    host.responses["/y"] = redirect(host.url("/x"))
    assert await web.fetch_kind(host.url("/x")) == FailureKind.REDIRECTS
    assert len(host.requests) == 4


@pytest.mark.hostile(50)
async def test_three_redirects_are_followed_and_no_fourth(web, host):
    for number in range(4):
        host.responses[f"/{number}"] = redirect(f"/{number + 1}")
    host.responses["/4"] = response(200, JPEG)
    assert await web.fetch_kind(host.url("/1")) == VerifiedPicture
    assert await web.fetch_kind(host.url("/0")) == FailureKind.REDIRECTS


@pytest.mark.hostile(51)
@pytest.mark.parametrize(
    "name",
    ["127.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1", "localhost"],
)
async def test_a_redirect_to_loopback_is_refused(web, host, forbidden, name):
    web.names["localhost"] = ["127.0.0.1"]
    host.responses["/x"] = redirect(f"http://{name}:{forbidden.port}/")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.FORBIDDEN


@pytest.mark.hostile(52)
async def test_a_redirect_to_loopback_with_credentials_is_refused(web, host, forbidden):
    for location in (
        f"http://user:word@127.0.0.1:{forbidden.port}/",
        f"http://{HOME}@127.0.0.1:{forbidden.port}/",
    ):
        host.responses["/x"] = redirect(location)
        assert await web.fetch_kind(host.url("/x")) == FailureKind.REDIRECTS


@pytest.mark.hostile(53)
async def test_a_redirect_to_a_name_that_resolves_to_loopback_is_refused(web, host, forbidden):
    web.names["inside.example"] = ["127.0.0.1"]
    host.responses["/x"] = redirect(f"http://inside.example:{forbidden.port}/")
    assert await web.fetch_kind(host.url("/x")) == FailureKind.FORBIDDEN


@pytest.mark.hostile(54)
@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://127.0.0.1/", "data:image/png,x", "javascript:1"]
)
async def test_a_redirect_to_another_scheme_is_refused(web, host, location):
    host.responses["/x"] = redirect(location)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.REDIRECTS


@pytest.mark.hostile(55)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/b/c.jpg", "c.jpg", "./c.jpg", "../b/c.jpg"])
async def test_a_relative_redirect_is_followed(web, host, status, location):
    host.responses["/b/a.jpg"] = redirect(location, status)
    host.responses["/b/c.jpg"] = response(200, JPEG)
    assert await web.fetch_kind(host.url("/b/a.jpg")) == VerifiedPicture


@pytest.mark.hostile(56)
@pytest.mark.parametrize(
    "location", ["", " ", "http://", "http://[", "http://a.example:99999/", "//", "http://\x7f/"]
)
async def test_a_redirect_to_what_is_not_a_url_is_refused(web, host, location):
    host.responses["/x"] = redirect(location)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.REDIRECTS


async def test_a_redirect_without_a_location_is_refused(web, host):
    host.responses["/x"] = response(302)
    assert await web.fetch_kind(host.url("/x")) == FailureKind.REDIRECTS


@pytest.mark.hostile(57)
async def test_a_redirect_from_https_to_http_is_refused(forbidden, host):
    authority = make_authority()
    web = WorkerWeb(tls=client_context(authority))
    web.names["secure.example"] = [HOME]
    async with run_server(HOME, server_context(authority, "secure.example")) as secure:
        secure.responses["/x"] = redirect(host.url("/y"))
        secure.responses["/s"] = redirect(secure.url("/t", "secure.example"))
        secure.responses["/t"] = response(200, JPEG)
        assert await web.fetch_kind(secure.url("/s", "secure.example")) == VerifiedPicture
        assert await web.fetch_kind(secure.url("/x", "secure.example")) == FailureKind.REDIRECTS
    await web.close()
    assert host.connections == 0
