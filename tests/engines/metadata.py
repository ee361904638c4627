"""Asks a Kafka broker by hand who it is: one Metadata request, without a client library.

A port that accepts says little: only a broker that answers with the cluster id it was given is ready, and ours.
Source: the Kafka protocol guide, Metadata (api key 3), version 2, the first that names the cluster.
"""

import base64
import socket
import struct
import uuid
from dataclasses import dataclass

from deploy.embedded.ports import LOOPBACK

_METADATA, _VERSION = 3, 2
_CLIENT = b"seedwire"
_PATIENCE = 1.0  # seconds for one answer; a ready broker on loopback needs some milliseconds


@dataclass(frozen=True)
class Cluster:
    """What a broker says of its cluster: its id, and the node ids of the brokers alive."""

    id: str | None
    nodes: frozenset[int]


def new_cluster_id() -> str:
    """22 characters, as Kafka's own; never with a leading dash, which a command line would take for an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):
            return text


def is_ready(port: int, cluster_id: str, nodes: frozenset[int] = frozenset()) -> bool:
    """Whether the broker on *port* is of this cluster and sees all of *nodes*."""
    try:
        cluster = ask(port)
    except (OSError, struct.error):
        return False
    return cluster.id == cluster_id and cluster.nodes >= nodes


def ask(port: int) -> Cluster:
    """Blocks for a second at most per step. Raises OSError, or struct.error when something else answers."""
    with socket.create_connection((LOOPBACK, port), _PATIENCE) as connection:
        connection.sendall(request())
        with connection.makefile("rb") as answer:
            (size,) = struct.unpack(">i", answer.read(4))
            return parse(answer.read(size))


def request() -> bytes:
    """The request in its frame: no topics are asked for."""
    head = struct.pack(">hhih", _METADATA, _VERSION, 1, len(_CLIENT)) + _CLIENT
    body = head + struct.pack(">i", 0)
    return struct.pack(">i", len(body)) + body


def parse(answer: bytes) -> Cluster:
    """*answer* is the response without its size. Raises struct.error when it is none."""
    reader = _Reader(answer)
    reader.number("i")  # correlation id
    nodes = frozenset(reader.broker() for _ in range(reader.number("i")))
    return Cluster(reader.text(), nodes)


class _Reader:
    """Reads the protocol's primitives one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f">{kind}", self._data, self._at)
        self._at += struct.calcsize(kind)
        return int(value)

    def text(self) -> str | None:
        size = self.number("h")
        if size < 0:
            return None
        self._at += size
        return self._data[self._at - size : self._at].decode(errors="replace")

    def broker(self) -> int:
        """Node id; its host, port and rack are passed over."""
        node = self.number("i")
        self.text()
        self.number("i")
        self.text()
        return node
