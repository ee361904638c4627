"""Which addresses are public. Python's `is_global` says yes to many that reach inside, so they are listed here.

Source: IANA's special-purpose registries, and what unwraps to an IPv4 address: mapped, compatible, 6to4, NAT64,
Teredo and ISATAP.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_4: Final = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own services
        "169.254.0.0/16",  # link-local: cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
_OPEN_6: Final = IPv6Network("2000::/3")  # all that IANA has given out to the public
_CLOSED_6: Final = [
    IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
]
_NAT64: Final = IPv6Network("64:ff9b::/96")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # in the upper half of the interface id


def is_public(address: Address) -> bool:
    """Whether *address* is one of the public internet, seen through every wrapping."""
    if isinstance(address, IPv4Address):
        return not _within(address, _CLOSED_4)
    inner = unwrapped(address)
    if inner is not None:
        return is_public(inner)
    return address in _OPEN_6 and not _within(address, _CLOSED_6) and not _is_isatap(address)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether *address*, or the IPv4 address that is mapped into it, lies in one of *networks*."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return _within(mapped or address, networks)


def unwrapped(address: Address) -> IPv4Address | None:
    """The IPv4 address that a connection to this IPv6 address ends at: mapped, or by way of NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _is_isatap(address: IPv6Address) -> bool:
    return int(address) >> 32 & 0xFFFFFFFF in _ISATAP
