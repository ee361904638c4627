"""The server.properties of a Kafka node on loopback, sized and timed for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.embedded.ports import LOOPBACK
from tests.engines.security import LISTENERS, Security

LOG4J2: Final = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""

_SMALL: Final = {
    # By default the first join of a group would create 50 partitions.
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4194304",  # by default 128 MiB of heap
    "auto.create.topics.enable": "false",  # a mistyped topic is an error, not a new topic
}
_QUICK: Final = {
    "group.initial.rebalance.delay.ms": "0",  # by default 3 s on each first join
    "group.min.session.timeout.ms": "500",  # so that a test can see a dead member soon
    # A killed node may come back only when its old session is over. With the default of 9000 ms it
    # is ready after 11 s, so after 2.6 s.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "250",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "log.cleaner.backoff.ms": "500",
}
_REPLICATED: Final = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")


@dataclass(frozen=True)
class Node:
    """One broker that is a controller too.

    *secure_ports* has the ports of the listeners that are not in plain text.
    """

    id: int
    port: int
    controller_port: int
    secure_ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def listeners(self) -> dict[str, str]:
        """Addresses for clients by listener name; brokers talk to each other over the first."""
        secure = {name: f"{LOOPBACK}:{port}" for name, port in self.secure_ports.items()}
        return {"PLAINTEXT": self.address, **secure}


def build_properties(
    node: Node,
    nodes: list[Node],
    data: Path,
    extra: Mapping[str, str],
    security: Security | None = None,
) -> dict[str, str]:
    """All settings of *node*; *extra* wins."""
    voters = ",".join(f"{voter.id}@{LOOPBACK}:{voter.controller_port}" for voter in nodes)
    own = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{_join_listeners(node)},CONTROLLER://{LOOPBACK}:{node.controller_port}",
        "advertised.listeners": _join_listeners(node),
        "listener.security.protocol.map": _join_protocols(),
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data),
    }
    secure = security.properties() if security else {}
    return {**own, **_SMALL, **_QUICK, **_replicate(len(nodes)), **secure, **extra}


def _join_listeners(node: Node) -> str:
    return ",".join(f"{name}://{address}" for name, address in node.listeners.items())


def _join_protocols() -> str:
    protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **LISTENERS}
    return ",".join(f"{name}:{protocol}" for name, protocol in protocols.items())


def _replicate(nodes: int) -> dict[str, str]:
    """As many replicas as nodes, and every write on all but one of them."""
    replicas, in_sync = str(nodes), str(max(1, nodes - 1))
    internal = {f"{topic}.replication.factor": replicas for topic in _REPLICATED}
    internal |= {f"{topic}.min.isr": in_sync for topic in _REPLICATED[1:]}
    return {"default.replication.factor": replicas, "min.insync.replicas": in_sync, **internal}


def format_properties(settings: Mapping[str, str]) -> str:
    """A Java properties file, in which a backslash must be doubled."""
    escaped = {name: value.replace("\\", "\\\\") for name, value in settings.items()}
    return "".join(f"{name}={value}\n" for name, value in escaped.items())
