"""Ports of the loopback interface: free ones, and whether one is taken."""

import os
import socket
from contextlib import ExitStack
from typing import Final

from deploy.embedded.errors import PortTaken

LOOPBACK: Final = "127.0.0.1"


def find_free_port() -> int:
    """One free port.

    Another process may take it before the engine binds it: see `Server.start`.
    """
    return find_free_ports(1)[0]


def find_free_ports(count: int) -> list[int]:
    """*count* different free ports. Every socket stays open until all ports are known."""
    ports = []
    with ExitStack() as stack:
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind((LOOPBACK, 0))
            ports.append(int(listener.getsockname()[1]))
    return ports


def require_free_port(port: int) -> None:
    """Raise PortTaken if a process listens on *port*.

    Connections that only linger after a stop do not count.
    """
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere the option takes the port away from its listener
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} of {LOOPBACK} cannot be used: {error.strerror}"
            ) from error
