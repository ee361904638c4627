"""A worker's way to the web, hostile hosts, and a listener that nothing may ever connect to."""

import socket
from collections.abc import AsyncIterator

import pytest

from tests.integration.images.hostile.server import Server, run_server, run_server_at
from tests.integration.images.hostile.web import HOME, WorkerWeb


def find_own_address() -> str | None:
    """An address of this machine's interfaces other than loopback, if there is one.

    Nothing is sent.
    """
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
    """A host in the allowed network."""
    async with run_server(HOME) as server:
        yield server


@pytest.fixture(autouse=True)
async def forbidden() -> AsyncIterator[Server]:
    """Listens wherever a forbidden address could lead on this machine. Nothing may connect."""
    addresses = ["127.0.0.1", "127.0.0.2", "127.255.255.254"]
    if has_ipv6():
        addresses.append("::1")
    if own_address := find_own_address():
        addresses.append(own_address)
    async with run_server_at(*addresses) as server:
        yield server
        assert server.connections == 0


@pytest.fixture
async def web(forbidden: Server) -> AsyncIterator[WorkerWeb]:
    web = WorkerWeb()
    yield web
    await web.close()
