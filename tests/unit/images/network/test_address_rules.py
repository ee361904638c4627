"""Which addresses pictures may be fetched from."""

from ipaddress import ip_address, ip_network

import pytest

from services.enrichment.images.network.address_rules import is_public, is_within

CLOSED = """
127.0.0.1 127.255.255.254 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.0 100.127.255.255 192.0.0.1 198.18.0.1 198.19.255.255 192.0.2.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 192.88.99.1 168.63.129.16
:: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 ::8.8.8.8 2002:a9fe:a9fe:: 2002:808:808::
64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b:1::808:808 2001:0:4136:e378:8000:63bf:3fff:fdd2
2606:4700::5efe:a9fe:a9fe 2606:4700::200:5efe:7f00:1 fe80::1 fc00::1 fd12:3456::1 fec0::1
ff00::1 ff02::1
3fff::1 5f00::1 2001:db8::1 100::1 2001:2::1 4000::1
"""

OPEN = """
8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.0 172.15.255.255 172.32.0.0 192.0.1.1
198.17.255.255 198.20.0.0
223.255.255.255 168.63.129.15 2606:4700:4700::1111 2a00:1450::1 64:ff9b::808:808 ::ffff:8.8.8.8
"""


@pytest.mark.parametrize("address", CLOSED.split())
def test_what_reaches_inside_is_not_public(address: str):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OPEN.split())
def test_the_internet_is_public(address: str):
    assert is_public(ip_address(address))


def test_a_network_contains_its_addresses_and_those_that_are_mapped_into_it():
    networks = [ip_network("127.0.0.0/8"), ip_network("fd00::/8")]
    assert is_within(ip_address("127.1.2.3"), networks)
    assert is_within(ip_address("::ffff:127.0.0.1"), networks)
    assert is_within(ip_address("fd00::5"), networks)
    assert not is_within(ip_address("10.0.0.1"), networks)
    assert not is_within(ip_address("::1"), networks)
