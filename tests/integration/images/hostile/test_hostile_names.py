"""Cases 29 to 36: names, and resolvers that say different things at different times."""

import pytest

from services.enrichment.images.fetch_outcome import (
    FailureKind,
    RetryLater,
    VerifiedPicture,
)
from services.enrichment.images.network.resolver import ResolutionError, Resolver
from tests.integration.images.hostile.server import response
from tests.integration.images.hostile.web import HOME, PUBLIC
from tests.picture_host import make_jpeg

JPEG = make_jpeg(64, 48)


@pytest.mark.hostile(29)
@pytest.mark.parametrize(
    "name", ["localhost", "localhost.", "LOCALHOST", "a.localhost", "127.0.0.1."]
)
async def test_localhost_is_refused_by_any_spelling(web, forbidden, name):
    web.names |= {
        spelling: ["127.0.0.1", "::1"] for spelling in ("localhost", "localhost.", "a.localhost")
    }
    assert await web.fetch_kind(f"http://{name}:{forbidden.port}/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(30)
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "::1", "169.254.169.254"])
async def test_a_name_that_resolves_to_an_inner_address_is_refused(web, forbidden, address):
    web.names["inside.example"] = [address]
    assert await web.fetch_kind(f"http://inside.example:{forbidden.port}/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(31)
@pytest.mark.parametrize(
    "answers", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [HOME, PUBLIC, "::1"]]
)
async def test_one_inner_address_among_public_ones_forbids_the_host(web, forbidden, answers):
    web.names["mixed.example"] = answers
    assert await web.fetch_kind(f"http://mixed.example:{forbidden.port}/") == FailureKind.FORBIDDEN
    assert await web.fetch_kind("http://mixed.example/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(32)
async def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(web, host):
    host.responses["/x"] = response(200, JPEG)
    web.names["rebind.example"] = iter([[HOME], ["127.0.0.1"]])
    assert await web.fetch_kind(host.url("/x", "rebind.example")) == VerifiedPicture
    assert (web.resolved, web.connected) == (["rebind.example"], [HOME])


@pytest.mark.hostile(33)
async def test_every_new_connection_is_checked_again(web, host):
    host.responses["/x"] = response(200, JPEG)
    web.names["rebind.example"] = iter([[HOME], ["127.0.0.1"], ["::1"]])
    kinds = [await web.fetch_kind(host.url("/x", "rebind.example")) for _ in range(3)]
    assert kinds == [VerifiedPicture, FailureKind.FORBIDDEN, FailureKind.FORBIDDEN]


@pytest.mark.hostile(34)
async def test_a_name_without_an_address_is_retried(web):
    assert await web.fetch_kind("http://nowhere.example/") == RetryLater
    with pytest.raises(ResolutionError):
        await Resolver()("nowhere.invalid", 80)


@pytest.mark.hostile(36)
@pytest.mark.parametrize(
    "name", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "b%C3%BCcher.example"]
)
async def test_an_internationalised_name_is_resolved_and_requested_in_ascii(web, host, name):
    host.responses["/x"] = response(200, JPEG)
    web.names["xn--bcher-kva.example"] = [HOME]
    assert await web.fetch_kind(host.url("/x", name)) == VerifiedPicture
    assert f"host: xn--bcher-kva.example:{host.port}" in host.requests[0].lower()


@pytest.mark.hostile(35)
async def test_a_silent_resolver_is_retried_in_time(web):
    web.names["slow.example"] = None
    assert await web.fetch_kind("http://slow.example/", seconds=0.3) == RetryLater
