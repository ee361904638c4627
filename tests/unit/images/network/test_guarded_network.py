"""Which of a host's addresses are tried."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore2
import pytest

from services.enrichment.images.network.address_rules import Address
from services.enrichment.images.network.guarded_network import GuardedNetwork

ADDRESSES = ["2606:4700::1", "93.184.216.34", "93.184.216.35"]


class FakeNetwork(httpcore2.AsyncNetworkBackend):
    """Reaches one address; at every other one it raises *error*."""

    def __init__(self, reachable: str, error: Exception) -> None:
        self.reachable = reachable
        self.error = error
        self.tried: list[tuple[str, float | None]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.tried.append((host, timeout))
        if host != self.reachable:
            raise self.error
        return httpcore2.AsyncNetworkStream()


def guard(network: FakeNetwork) -> GuardedNetwork:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [ip_address(address) for address in ADDRESSES]

    return GuardedNetwork(resolve=resolve, is_own=lambda _: False, backend=network)


@pytest.mark.parametrize(
    "error", [httpcore2.ConnectError(), httpcore2.ConnectTimeout()], ids=["refused", "silent"]
)
async def test_an_address_that_cannot_be_reached_leaves_time_for_the_next_one(error: Exception):
    network = FakeNetwork(ADDRESSES[1], error)
    await guard(network).connect_tcp("paper.example", 443, 4.0)
    assert network.tried == [(ADDRESSES[0], 2.0), (ADDRESSES[1], 2.0)]


async def test_no_more_than_two_addresses_are_tried():
    network = FakeNetwork(ADDRESSES[2], httpcore2.ConnectTimeout())
    with pytest.raises(httpcore2.ConnectTimeout):
        await guard(network).connect_tcp("paper.example", 443, 4.0)
    assert [host for host, _ in network.tried] == ADDRESSES[:2]
