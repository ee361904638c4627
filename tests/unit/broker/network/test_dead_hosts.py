"""How long a client waits for a connection, and how long for an answer."""

import asyncio
import socket
import sys
from collections.abc import Iterator

import pytest
from aiokafka.conn import AIOKafkaConnection

from shared.broker.network import connection
from shared.broker.network.dead_hosts import CONNECT_SECONDS, UNACKNOWLEDGED_SECONDS

REQUEST_SECONDS = 60

assert connection.dead_hosts  # importing it installs it


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """A port that answers no further connection, as a host that is cut off."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            waiting.append(client)
        yield server.getsockname()
        for client in waiting:
            client.close()


def build_connection(host: str, port: int) -> AIOKafkaConnection:
    return AIOKafkaConnection(host, port, request_timeout_ms=REQUEST_SECONDS * 1000)


async def test_a_host_that_is_cut_off_is_given_up_soon(silent: tuple[str, int]) -> None:
    client = build_connection(*silent)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(REQUEST_SECONDS / 2) as deadline:
            await client.connect()
    assert not deadline.expired()
    assert client._request_timeout == CONNECT_SECONDS


class Connection(AIOKafkaConnection):
    """Ends with its first request, and keeps how it was set up until then."""

    def send(self, request: object, expect_response: bool = True) -> asyncio.Future[None]:
        self.timeout = self._request_timeout
        self.silence = self._writer.get_extra_info("socket").getsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT
        )
        raise ConnectionError("the test ends here")


@pytest.fixture
async def connected() -> Connection:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Connection(*server.getsockname(), request_timeout_ms=REQUEST_SECONDS * 1000)
        with pytest.raises(ConnectionError, match="ends here"):
            await client.connect()
    return client


def test_an_answer_may_take_as_long_as_before(connected: Connection) -> None:
    assert connected.timeout == REQUEST_SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits how long a host is silent")
def test_a_connection_to_a_host_that_acknowledges_nothing_is_closed(connected: Connection) -> None:
    assert connected.silence == UNACKNOWLEDGED_SECONDS * 1000
