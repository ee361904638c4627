"""Which IP addresses are public.

Python's `is_global` accepts many addresses that reach inside, so the rules are listed here.
Source: IANA's special-purpose registries, and everything that unwraps to an IPv4 address: mapped,
compatible, 6to4, NAT64, Teredo and ISATAP. Pure.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_IPV4: Final = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carriers' NAT
    IPv4Network("127.0.0.0/8"),
    IPv4Network("168.63.129.16/32"),  # Azure's platform services
    IPv4Network("169.254.0.0/16"),  # link-local: cloud metadata
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
)
_OPEN_IPV6: Final = IPv6Network("2000::/3")  # everything that IANA has allocated to the public
_CLOSED_IPV6: Final = (
    IPv6Network("2001::/23"),  # Teredo, ORCHID, benchmarks
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)  # in the upper half of the interface id


def is_public(address: Address) -> bool:
    """Whether *address* is on the public internet, seen through every wrapping."""
    if isinstance(address, IPv4Address):
        return not _is_in_any(address, _CLOSED_IPV4)
    inner = unwrap_ipv4(address)
    if inner is not None:
        return is_public(inner)
    if address not in _OPEN_IPV6 or _is_isatap(address):
        return False
    return not _is_in_any(address, _CLOSED_IPV6)


def is_within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether *address*, or the IPv4 address that is mapped into it, lies in one of *networks*."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return _is_in_any(mapped or address, networks)


def unwrap_ipv4(address: Address) -> IPv4Address | None:
    """The IPv4 address where a connection to this IPv6 address ends: mapped, or through NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_in_any(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _is_isatap(address: IPv6Address) -> bool:
    return int(address) >> 32 & 0xFFFFFFFF in _ISATAP
