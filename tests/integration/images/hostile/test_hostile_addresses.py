"""Cases 1 to 28: addresses that reach inside, in every way of writing them."""

from ipaddress import ip_address

import pytest

from services.enrichment.images.fetch_outcome import FailureKind, RetryLater
from tests.integration.images.hostile.conftest import find_own_address
from tests.integration.images.hostile.web import ALLOWED, PUBLIC, WorkerWeb

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
async def test_an_inner_address_is_refused_as_it_is_and_behind_a_name(web, forbidden, case, name):
    for port in (forbidden.port, 80):
        assert await web.fetch_kind(f"http://{name}:{port}/x.jpg") == FailureKind.FORBIDDEN
    address = name.strip("[]")
    if address.isascii() and (":" in address or address.count(".") == 3) and case != 27:
        web.names["inside.example"] = [address]
        assert (
            await web.fetch_kind(f"http://inside.example:{forbidden.port}/x.jpg")
            == FailureKind.FORBIDDEN
        )
        assert await web.fetch_kind("https://inside.example/x.jpg") == FailureKind.FORBIDDEN


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
    web = WorkerWeb()
    outcome = await web.fetch_kind(f"http://{address}/x.jpg")
    await web.close(may_stray=True)
    assert (web.connected, outcome) == (
        ([address], RetryLater) if passes else ([], FailureKind.FORBIDDEN)
    )


@pytest.mark.hostile(21)
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("[fe80::1%25lo]", FailureKind.BAD_URL),
        ("[fe80::1%lo]", FailureKind.BAD_URL),
        ("[fe80::1]", FailureKind.FORBIDDEN),
        ("[febf::1]", FailureKind.FORBIDDEN),
    ],
)
async def test_a_link_local_address_is_refused_with_a_zone_or_without(
    web, forbidden, name, outcome
):
    assert await web.fetch_kind(f"http://{name}:{forbidden.port}/") == outcome
    web.names["inside.example"] = ["fe80::1"]
    assert await web.fetch_kind(f"http://inside.example:{forbidden.port}/") == FailureKind.FORBIDDEN


@pytest.mark.hostile(26)
async def test_the_machines_own_addresses_are_refused(web, forbidden):
    own_address = find_own_address()
    if own_address is not None:
        assert (
            await web.fetch_kind(f"http://{own_address}:{forbidden.port}/") == FailureKind.FORBIDDEN
        )
    # As on a machine with a public address.
    public = WorkerWeb(is_own=lambda address: address == ip_address(PUBLIC))
    public.names["inside.example"] = [PUBLIC]
    assert await public.fetch_kind(f"http://{PUBLIC}/") == FailureKind.FORBIDDEN
    assert await public.fetch_kind("http://inside.example/") == FailureKind.FORBIDDEN
    for wrapped in (f"64:ff9b::{PUBLIC}", f"::ffff:{PUBLIC}"):
        assert await public.fetch_kind(f"http://[{wrapped}]/") == FailureKind.FORBIDDEN
    await public.close()
    assert public.connected == []


async def test_an_allowed_network_is_reached_on_any_port(web, host):
    assert ip_address(host.address) in ALLOWED[0]
    assert await web.fetch_kind(host.url("/x")) == FailureKind.NOT_FOUND
