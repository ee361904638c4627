"""Which brokers a client is told about: those that accept connections."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from deploy.embedded.ports import find_free_port
from shared.broker.network.live_brokers import find_live_brokers
from shared.errors import KafkaUnavailable


@pytest.fixture
def live() -> Iterator[str]:
    """The address of a port that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a port that answers no further connection, as a host that is cut off."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            waiting.append(client)
        yield f"127.0.0.1:{address[1]}"
        for client in waiting:
            client.close()


@pytest.fixture
def closed() -> str:
    return f"127.0.0.1:{find_free_port()}"


async def test_a_broker_that_refuses_is_left_out(live: str, closed: str) -> None:
    assert await find_live_brokers(f"{closed},{live}") == [live]


async def test_a_broker_that_is_cut_off_costs_no_time(live: str, silent: str) -> None:
    async with asyncio.timeout(1.9):  # less than one probe of a silent host
        assert await find_live_brokers(f"{silent}, {live}") == [live]


async def test_the_live_ones_keep_their_order(live: str, closed: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        another = f"127.0.0.1:{server.getsockname()[1]}"
        assert await find_live_brokers(f"{another},{closed},{live}") == [another, live]


async def test_if_none_answers_the_sentence_names_them_all(silent: str, closed: str) -> None:
    with pytest.raises(KafkaUnavailable, match=rf"{closed},{silent} does not answer"):
        await find_live_brokers(f"{closed},{silent}")


async def test_one_address_alone_is_not_probed(closed: str) -> None:
    assert await find_live_brokers(closed) == [closed]
