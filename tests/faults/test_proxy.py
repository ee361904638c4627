"""The proxy of the fault suite does what it says: the suite is worth what its faults are worth."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.proxy import Proxy


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that says everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Proxy() as made:
        made.upstream = server.sockets[0].getsockname()[1]
        yield made
    server.close()


async def say(proxy: Proxy, seconds: float = 5) -> bytes:
    """What comes back, or nothing within that time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(b"hello")
        return await asyncio.wait_for(reader.read(100), seconds)
    except (TimeoutError, ConnectionError):
        return b""
    finally:
        writer.close()


async def test_well_it_passes_on(proxy: Proxy):
    assert await say(proxy) == b"hello"


async def test_slow_it_takes_its_time(proxy: Proxy):
    proxy.be("slow")
    began = asyncio.get_running_loop().time()
    assert await say(proxy) == b"hello"
    assert asyncio.get_running_loop().time() - began >= 2 * proxy.latency


async def test_silent_it_takes_and_says_nothing_until_it_is_well(proxy: Proxy):
    proxy.be("silent")
    assert await say(proxy, 0.2) == b""
    later = asyncio.create_task(say(proxy))
    await asyncio.sleep(0.1)
    proxy.heal()
    assert await later == b"hello"


async def test_cut_it_refuses_and_ends_what_stood(proxy: Proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.read(100) == b"hello"
    proxy.be("cut")
    with pytest.raises(ConnectionError):
        await reader.read(100) or _ended()
    assert await say(proxy) == b""
    writer.close()


async def test_a_reset_ends_what_stands_and_nothing_else(proxy: Proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.read(100) == b"hello"
    proxy.reset()
    with pytest.raises(ConnectionError):
        await reader.read(100) or _ended()
    assert await say(proxy) == b"hello"
    writer.close()


def _ended() -> None:
    raise ConnectionResetError
