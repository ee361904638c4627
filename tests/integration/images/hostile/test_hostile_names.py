"""Cases 29 to 36: names, and resolvers that say different things at different times."""

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Later, Measured
from services.enrichment.images.network.resolver import Resolver, Unresolved
from tests.integration.images.hostile.server import answered
from tests.integration.images.hostile.web import HOME, PUBLIC
from tests.picture_host import picture

JPEG = picture(64, 48)


@pytest.mark.hostile(29)
@pytest.mark.parametrize(
    "name", ["localhost", "localhost.", "LOCALHOST", "a.localhost", "127.0.0.1."]
)
async def test_localhost_is_refused_by_any_spelling(web, forbidden, name):
    web.names |= {
        spelling: ["127.0.0.1", "::1"] for spelling in ("localhost", "localhost.", "a.localhost")
    }
    assert await web.kind(f"http://{name}:{forbidden.port}/") == Failure.FORBIDDEN


@pytest.mark.hostile(30)
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "::1", "169.254.169.254"])
async def test_a_name_that_resolves_to_an_address_inside_is_refused(web, forbidden, address):
    web.names["inside.example"] = [address]
    assert await web.kind(f"http://inside.example:{forbidden.port}/") == Failure.FORBIDDEN


@pytest.mark.hostile(31)
@pytest.mark.parametrize(
    "answers", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [HOME, PUBLIC, "::1"]]
)
async def test_one_inner_address_among_public_ones_is_enough(web, forbidden, answers):
    web.names["mixed.example"] = answers
    assert await web.kind(f"http://mixed.example:{forbidden.port}/") == Failure.FORBIDDEN
    assert await web.kind("http://mixed.example/") == Failure.FORBIDDEN


@pytest.mark.hostile(32)
async def test_a_name_is_resolved_once_for_a_connection_and_the_judged_address_is_used(web, host):
    host.answers["/x"] = answered(200, JPEG)
    web.names["rebind.example"] = iter([[HOME], ["127.0.0.1"]])
    assert await web.kind(host.url("/x", "rebind.example")) == Measured
    assert (web.resolved, web.connected) == (["rebind.example"], [HOME])


@pytest.mark.hostile(33)
async def test_every_new_connection_is_judged_anew(web, host):
    host.answers["/x"] = answered(200, JPEG)
    web.names["rebind.example"] = iter([[HOME], ["127.0.0.1"], ["::1"]])
    kinds = [await web.kind(host.url("/x", "rebind.example")) for _ in range(3)]
    assert kinds == [Measured, Failure.FORBIDDEN, Failure.FORBIDDEN]


@pytest.mark.hostile(34)
async def test_a_name_without_an_address_is_for_later(web):
    assert await web.kind("http://nowhere.example/") == Later
    with pytest.raises(Unresolved):
        await Resolver()("nowhere.invalid", 80)


@pytest.mark.hostile(36)
@pytest.mark.parametrize(
    "name", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "b%C3%BCcher.example"]
)
async def test_a_name_of_other_letters_is_resolved_and_asked_for_in_ascii(web, host, name):
    host.answers["/x"] = answered(200, JPEG)
    web.names["xn--bcher-kva.example"] = [HOME]
    assert await web.kind(host.url("/x", name)) == Measured
    assert f"host: xn--bcher-kva.example:{host.port}" in host.asked[0].lower()


@pytest.mark.hostile(35)
async def test_a_resolver_that_does_not_answer_is_for_later_in_time(web):
    web.names["slow.example"] = None
    assert await web.kind("http://slow.example/", seconds=0.3) == Later
