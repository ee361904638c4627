"""Which of a host's addresses are tried."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

import httpcore2
import pytest

from services.enrichment.images.network.guarded_network import Guard

ADDRESSES = ["2606:4700::1", "93.184.216.34", "93.184.216.35"]


class Wire(httpcore2.AsyncNetworkBackend):
    """Reaches nothing but what is *there*."""

    def __init__(self, there: str, otherwise: Exception) -> None:
        self.there = there
        self.otherwise = otherwise
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
        if host != self.there:
            raise self.otherwise
        return httpcore2.AsyncNetworkStream()


def guard(wire: Wire) -> Guard:
    async def resolve(host: str, port: int):
        return [ip_address(address) for address in ADDRESSES]

    return Guard(resolve=resolve, own=lambda _: False, backend=wire)


@pytest.mark.parametrize(
    "trouble", [httpcore2.ConnectError(), httpcore2.ConnectTimeout()], ids=["refused", "silent"]
)
async def test_an_address_that_cannot_be_reached_leaves_time_for_the_next_one(trouble: Exception):
    wire = Wire(ADDRESSES[1], trouble)
    await guard(wire).connect_tcp("paper.example", 443, 4.0)
    assert wire.tried == [(ADDRESSES[0], 2.0), (ADDRESSES[1], 2.0)]


async def test_no_more_than_two_addresses_are_tried():
    wire = Wire(ADDRESSES[2], httpcore2.ConnectTimeout())
    with pytest.raises(httpcore2.ConnectTimeout):
        await guard(wire).connect_tcp("paper.example", 443, 4.0)
    assert [host for host, _ in wire.tried] == ADDRESSES[:2]
