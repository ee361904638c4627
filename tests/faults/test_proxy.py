"""The proxy of the fault suite: the suite is worth no more than its faults."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faults.system.proxy import TcpProxy

LONG = 120.0  # seconds; far more than an answer needs on a busy machine


@pytest.fixture
async def proxy() -> AsyncIterator[TcpProxy]:
    """A proxy in front of a server that echoes everything."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with TcpProxy() as proxy:
        proxy.upstream = server.sockets[0].getsockname()[1]
        yield proxy
    server.close()


async def exchange(proxy: TcpProxy, timeout: float = LONG) -> bytes:
    """Send a greeting over a new connection; returns the answer, or nothing if none comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(b"hello")
        return await asyncio.wait_for(reader.read(100), timeout)
    except (TimeoutError, ConnectionError):
        return b""
    finally:
        writer.close()


async def read_or_fail(reader: asyncio.StreamReader) -> None:
    """Raises ConnectionError whether the connection was reset or closed."""
    if not await reader.read(100):
        raise ConnectionResetError


async def test_a_well_proxy_forwards(proxy: TcpProxy):
    assert await exchange(proxy) == b"hello"


async def test_a_slow_proxy_delays_both_directions(proxy: TcpProxy):
    proxy.set_mode("slow")
    began = asyncio.get_running_loop().time()
    assert await exchange(proxy) == b"hello"
    assert asyncio.get_running_loop().time() - began >= 2 * proxy.latency


async def test_a_silent_proxy_accepts_and_forwards_only_after_it_is_healed(proxy: TcpProxy):
    proxy.set_mode("silent")
    assert await exchange(proxy, timeout=0.2) == b""
    later = asyncio.create_task(exchange(proxy))
    await asyncio.sleep(0.1)
    proxy.heal()
    assert await later == b"hello"


async def test_a_cut_proxy_ends_connections_and_refuses_new_ones(proxy: TcpProxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.read(100) == b"hello"
    proxy.set_mode("cut")
    with pytest.raises(ConnectionError):
        await read_or_fail(reader)
    assert await exchange(proxy) == b""
    writer.close()


async def test_a_reset_ends_open_connections_and_nothing_else(proxy: TcpProxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"hello")
    assert await reader.read(100) == b"hello"
    proxy.reset()
    with pytest.raises(ConnectionError):
        await read_or_fail(reader)
    assert await exchange(proxy) == b"hello"
    writer.close()
