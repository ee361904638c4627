"""Cases 1 to 28: addresses that reach inside, in every way of writing them."""

from ipaddress import ip_address

import pytest

from services.enrichment.images.fetching.fetch_outcome import Failure, Later
from tests.integration.images.hostile.conftest import own_address
from tests.integration.images.hostile.web import ALLOWED, PUBLIC, Web

CASES = {
    1: "127.0.0.1 127.0.0.2 127.255.255.254",
    2: "0.0.0.0 0.1.2.3",
    3: "10.0.0.1 10.255.255.255",
    4: "172.16.0.1 172.31.255.255",
    5: "192.168.0.1 192.168.255.255",
    6: "169.254.169.254",
    7: "100.64.0.0 100.127.255.255",
    8: "192.0.0.1 192.0.0.192",
    9: "198.18.0.1 198.19.255.255",
    10: "192.0.2.1 198.51.100.1 203.0.113.1",
    11: "224.0.0.1 239.255.255.250",
    12: "240.0.0.1 255.255.255.255",
    13: "[::] [::1] [0:0:0:0:0:0:0:1]",
    14: "[::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:169.254.169.254] [::ffff:0:127.0.0.1]",
    15: "[::127.0.0.1] [::7f00:1] [::8.8.8.8]",
    16: "[2002:a9fe:a9fe::] [2002:7f00:1::]",
    17: "[64:ff9b::a9fe:a9fe] [64:ff9b::127.0.0.1]",
    18: "[64:ff9b:1::7f00:1] [64:ff9b:1:ffff::1]",
    19: "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    20: "[2606:4700::5efe:7f00:1] [2606:4700::200:5efe:a9fe:a9fe] [fe80::5efe:a00:1]",
    22: "[fc00::1] [fd12:3456:789a::1]",
    23: "[fec0::1] [ff00::1] [ff02::1]",
    24: "[3fff::1] [5f00::1]",
    25: "168.63.129.16",
    27: "2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 127.1 127.0.1 0x7f.1 0 0x0",
    28: "１２７.0.0.1 127。0。0。1 ①②⑦.⓪.⓪.① 0ｘ7f.1",
}


@pytest.mark.hostile(*CASES.keys() - {7})
@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{case}-{name}")
        for case, names in CASES.items()
        for name in names.split()
    ],
)
async def test_an_address_that_reaches_inside_is_refused_as_it_is_and_behind_a_name(
    web, forbidden, case, name
):
    for port in (forbidden.port, 80):
        assert await web.kind(f"http://{name}:{port}/x.jpg") == Failure.FORBIDDEN
    written = name.strip("[]")
    if written.isascii() and (":" in written or written.count(".") == 3) and case != 27:
        web.names["inside.example"] = [written]
        assert await web.kind(f"http://inside.example:{forbidden.port}/x.jpg") == Failure.FORBIDDEN
        assert await web.kind("https://inside.example/x.jpg") == Failure.FORBIDDEN


@pytest.mark.hostile(7)
@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("100.128.0.0", True),
    ],
)
async def test_carriers_nat_is_refused_and_both_its_public_neighbours_pass(
    forbidden, address, passes
):
    web = Web()
    outcome = await web.kind(f"http://{address}/x.jpg")
    await web.fetcher.close()
    assert (web.connected, outcome) == (([address], Later) if passes else ([], Failure.FORBIDDEN))


@pytest.mark.hostile(21)
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("[fe80::1%25lo]", Failure.BAD_ADDRESS),
        ("[fe80::1%lo]", Failure.BAD_ADDRESS),
        ("[fe80::1]", Failure.FORBIDDEN),
        ("[febf::1]", Failure.FORBIDDEN),
    ],
)
async def test_a_link_local_address_is_refused_with_a_zone_or_without(
    web, forbidden, name, outcome
):
    assert await web.kind(f"http://{name}:{forbidden.port}/") == outcome
    web.names["inside.example"] = ["fe80::1"]
    assert await web.kind(f"http://inside.example:{forbidden.port}/") == Failure.FORBIDDEN


@pytest.mark.hostile(26)
async def test_the_machines_own_addresses_are_refused(web, forbidden):
    if (own := own_address()) is not None:
        assert await web.kind(f"http://{own}:{forbidden.port}/") == Failure.FORBIDDEN
    public = Web(
        own=lambda address: address == ip_address(PUBLIC)
    )  # as on a machine right on the internet
    public.names["inside.example"] = [PUBLIC]
    assert await public.kind(f"http://{PUBLIC}/") == Failure.FORBIDDEN
    assert await public.kind("http://inside.example/") == Failure.FORBIDDEN
    for wrapped in (f"64:ff9b::{PUBLIC}", f"::ffff:{PUBLIC}"):
        assert await public.kind(f"http://[{wrapped}]/") == Failure.FORBIDDEN
    await public.fetcher.close()
    assert public.connected == []


async def test_what_is_let_in_is_let_in_with_any_port(web, host):
    assert ip_address(host.address) in ALLOWED[0]
    assert await web.kind(host.url("/x")) == Failure.NOT_FOUND
