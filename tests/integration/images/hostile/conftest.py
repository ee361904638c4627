"""Hosts that mean harm, and a listener that nothing may ever connect to."""

import socket
from collections.abc import AsyncIterator

import pytest

from tests.integration.images.hostile.server import Server, listener, server
from tests.integration.images.hostile.web import HOME, Web


def own_address() -> str | None:
    """An address of this machine's interfaces other than loopback, if there is one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture
async def host() -> AsyncIterator[Server]:
    """A host in the network that is let in."""
    async with server(HOME) as running:
        yield running


@pytest.fixture(autouse=True)
async def forbidden() -> AsyncIterator[Server]:
    """Listens wherever a forbidden address could lead on this machine. Nothing may ever connect."""
    addresses = ["127.0.0.1", "127.0.0.2", "127.255.255.254", *(["::1"] if has_ipv6() else [])]
    own = own_address()
    async with listener(*addresses, *([own] if own else [])) as running:
        yield running
        assert running.connections == 0


@pytest.fixture
async def web(forbidden: Server) -> AsyncIterator[Web]:
    """A worker's way to the web."""
    made = Web()
    yield made
    await made.close()
