"""Hosts of our own on one machine: network namespaces that a switch joins.

A host has loopback and one address, and reaches the others alone. Its cable can be pulled: packets
then vanish, and nobody is told.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

SUBNET: Final = "10.77.0"
INTERFACE: Final = "eth0"


class Network:
    """Hosts 1 to *size*. Needs root."""

    def __init__(self, size: int) -> None:
        self.hosts = range(1, size + 1)
        self._prefix = f"seedwire-{os.getpid()}"
        self._switch = f"{self._prefix}-switch"

    def address(self, host: int) -> str:
        return f"{SUBNET}.{host}"

    def enter(self, host: int) -> list[str]:
        """What to put before a command that runs on *host*."""
        return ["nsenter", f"--net=/run/netns/{self._name(host)}"]

    def cut(self, host: int) -> None:
        _ip("-n", self._switch, "link", "set", f"port{host}", "down")

    def heal(self, host: int) -> None:
        _ip("-n", self._switch, "link", "set", f"port{host}", "up")

    @contextmanager
    def running(self) -> Iterator[None]:
        """The hosts and the switch exist while the block runs."""
        with ExitStack() as stack:
            for name in (self._switch, *(self._name(host) for host in self.hosts)):
                _ip("netns", "add", name)
                stack.callback(_ip, "netns", "delete", name)
            _ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
            _ip("-n", self._switch, "link", "set", "bridge", "up")
            for host in self.hosts:
                self._connect(host)
            yield

    def _connect(self, host: int) -> None:
        name, port = self._name(host), f"port{host}"
        cable = ("type", "veth", "peer", "name", port, "netns", self._switch)
        _ip("link", "add", INTERFACE, "netns", name, *cable)
        _ip("-n", self._switch, "link", "set", port, "master", "bridge", "up")
        _ip("-n", name, "address", "add", f"{self.address(host)}/24", "dev", INTERFACE)
        for interface in ("lo", INTERFACE):
            _ip("-n", name, "link", "set", interface, "up")

    def _name(self, host: int) -> str:
        return f"{self._prefix}-host{host}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
