"""Ports of loopback: free ones, and whether one is taken."""

import os
import socket
from contextlib import ExitStack

from deploy.embedded.errors import PortTaken

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """One free port. It may be lost to another process before the engine binds it: see `Server.start`."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """*count* different free ports; every socket stays open until all are known."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]


def require_free(port: int) -> None:
    """Raises PortTaken when something listens on *port*; connections that only linger after a stop do not count."""
    with socket.socket() as probe:
        if (
            os.name == "posix"
        ):  # elsewhere the option means: take the port away from whoever listens
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} of {LOOPBACK} cannot be used: {error.strerror}"
            ) from error
