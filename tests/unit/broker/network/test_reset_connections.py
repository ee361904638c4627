"""A write to a connection that was just reset is an error that aiokafka gets over."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError

from shared.broker.network import connection

assert connection.reset_connections  # importing it installs it


class Request:
    """Stands for a request of any version; it has no content."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def prepare(self, _: Any) -> "Request":
        if self._error:
            raise self._error
        return self

    def build_request_header(self, **_: Any) -> "Request":
        return self

    def encode(self) -> bytes:
        return b"request"


@asynccontextmanager
async def connect() -> AsyncIterator[Any]:
    """A connection of aiokafka that has not asked for versions, for nobody would answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        client: Any = AIOKafkaConnection(host, port)
        client._reader, client._writer = await asyncio.open_connection(host, port)
        client._read_task = client._create_reader_task()
        try:
            yield client
        finally:
            client.close()


async def send_after_reset(method: str, value: Any) -> None:
    async with connect() as client:
        client._writer.transport.abort()
        await asyncio.sleep(0)
        try:
            await getattr(client, method)(value)
        finally:
            assert not client.connected()


async def send(request: Request) -> None:
    async with connect() as client:
        client.send(request)


@pytest.mark.parametrize(("method", "value"), [("send", Request()), ("_send_sasl_token", b"t")])
def test_a_write_after_a_reset_is_a_broken_connection(method: str, value: Any):
    with pytest.raises(KafkaConnectionError, match="reset"):
        uvloop.run(send_after_reset(method, value))


def test_an_error_of_another_kind_stays_what_it_is():
    with pytest.raises(NotImplementedError):
        uvloop.run(send(Request(NotImplementedError())))
