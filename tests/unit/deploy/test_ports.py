"""Free ports, and taken ones."""

import socket

import pytest

from deploy.embedded.errors import EngineDied, PortTaken
from deploy.embedded.ports import find_free_ports, require_free_port


def test_free_ports_are_different_and_free() -> None:
    ports = find_free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        require_free_port(port)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 cannot be used"):
            require_free_port(port)


def test_a_connection_that_lingers_does_not_take_the_port() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        accepted, _ = server.accept()
        accepted.close()  # the side that closes first is the one that lingers
        assert client.recv(1) == b""
    server.close()
    require_free_port(port)


@pytest.mark.parametrize("output", ["bind: Address already in use", 'message: "Address in use"'])
def test_an_engine_that_lost_its_port_is_recognised(output: str) -> None:
    assert EngineDied("kafka", 1, output).has_lost_port
    assert not EngineDied("kafka", 1, "No space left on device").has_lost_port
