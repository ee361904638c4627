"""Asks a Kafka broker which cluster it belongs to: one Metadata request, without a client library.

An open port says little: only a broker that answers with the cluster id it was given is ready, and
ours. Source: the Kafka protocol guide, Metadata (api key 3), version 2, the first version that
names the cluster.
"""

import base64
import socket
import struct
import uuid
from dataclasses import dataclass
from typing import Final

from deploy.embedded.ports import LOOPBACK

_METADATA: Final = 3
_VERSION: Final = 2
_CLIENT_ID: Final = b"seedwire"
_TIMEOUT_SECONDS: Final = 1.0  # for one step; a ready broker on loopback needs milliseconds


@dataclass(frozen=True)
class Cluster:
    """What a broker says of its cluster: its id, and the node ids of the live brokers."""

    id: str | None
    nodes: frozenset[int]


def new_cluster_id() -> str:
    """22 characters, as Kafka's own ids.

    Never with a leading dash, which a command line would take for an option.
    """
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):
            return text


def is_ready(port: int, cluster_id: str, nodes: frozenset[int] = frozenset()) -> bool:
    """Whether the broker on *port* is of this cluster and sees all of *nodes*."""
    try:
        cluster = fetch_cluster(port)
    except (OSError, struct.error):
        return False
    return cluster.id == cluster_id and cluster.nodes >= nodes


def fetch_cluster(port: int) -> Cluster:
    """Blocks for a second at most per step.

    Raises OSError, or struct.error when something else than a broker answers.
    """
    with socket.create_connection((LOOPBACK, port), _TIMEOUT_SECONDS) as connection:
        connection.sendall(build_request())
        with connection.makefile("rb") as response:
            (size,) = struct.unpack(">i", response.read(4))
            return parse_response(response.read(size))


def build_request() -> bytes:
    """The request in its frame. It asks for no topics."""
    header = struct.pack(">hhih", _METADATA, _VERSION, 1, len(_CLIENT_ID)) + _CLIENT_ID
    request = header + struct.pack(">i", 0)
    return struct.pack(">i", len(request)) + request


def parse_response(response: bytes) -> Cluster:
    """*response* comes without its size. Raises struct.error if it is something else."""
    reader = _Reader(response)
    reader.read_number("i")  # correlation id
    nodes = frozenset(reader.read_broker() for _ in range(reader.read_number("i")))
    return Cluster(reader.read_text(), nodes)


class _Reader:
    """Reads the protocol's primitives one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def read_number(self, kind: str) -> int:
        (value,) = struct.unpack_from(f">{kind}", self._data, self._position)
        self._position += struct.calcsize(kind)
        return int(value)

    def read_text(self) -> str | None:
        size = self.read_number("h")
        if size < 0:
            return None
        start = self._position
        self._position += size
        return self._data[start : self._position].decode(errors="replace")

    def read_broker(self) -> int:
        """The node id; host, port and rack are skipped."""
        node = self.read_number("i")
        self.read_text()
        self.read_number("i")
        self.read_text()
        return node
