"""The server.properties of a Kafka node on loopback, sized and timed for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.ports import LOOPBACK
from tests.engines.security import LISTENERS, Security

LOG4J2 = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""

_ONE_MACHINE = {
    "offsets.topic.num.partitions": "1",  # 50 otherwise: the first join of a group would create them all
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "4194304",  # 128 MiB of heap otherwise
    "auto.create.topics.enable": "false",  # a mistyped topic is an error, not a new topic
}
_IN_A_HURRY = {
    "group.initial.rebalance.delay.ms": "0",  # 3 s on each first join otherwise
    "group.min.session.timeout.ms": "500",  # so that a test can see a dead member soon
    # A killed node may come back only when its old session is over: 11 s until ready with the default 9000, 2.6 s so.
    "broker.session.timeout.ms": "1500",
    "broker.heartbeat.interval.ms": "250",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "log.cleaner.backoff.ms": "500",
}
_REPLICATED = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")


@dataclass(frozen=True)
class Node:
    """One broker that is a controller too. *others* are the ports of the listeners that are not in plain text."""

    id: int
    port: int
    controller_port: int
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def listeners(self) -> dict[str, str]:
        """Addresses for clients by the listener's name; brokers talk to each other over the first."""
        return {
            "PLAINTEXT": self.address,
            **{name: f"{LOOPBACK}:{port}" for name, port in self.others.items()},
        }


def properties(
    node: Node,
    nodes: list[Node],
    data: Path,
    extra: Mapping[str, str],
    security: Security | None = None,
) -> dict[str, str]:
    """All settings of *node*; *extra* wins."""
    voters = ",".join(f"{each.id}@{LOOPBACK}:{each.controller_port}" for each in nodes)
    own = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "listeners": f"{_addresses(node)},CONTROLLER://{LOOPBACK}:{node.controller_port}",
        "advertised.listeners": _addresses(node),
        "listener.security.protocol.map": _protocols(),
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data),
    }
    secured = security.properties() if security else {}
    return {**own, **_ONE_MACHINE, **_IN_A_HURRY, **_replication(len(nodes)), **secured, **extra}


def _addresses(node: Node) -> str:
    return ",".join(f"{name}://{address}" for name, address in node.listeners.items())


def _protocols() -> str:
    known = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **LISTENERS}
    return ",".join(f"{name}:{protocol}" for name, protocol in known.items())


def _replication(nodes: int) -> dict[str, str]:
    """As many copies as nodes, and every write on all but one of them."""
    copies, in_sync = str(nodes), str(max(1, nodes - 1))
    internal = {f"{topic}.replication.factor": copies for topic in _REPLICATED}
    internal |= {f"{topic}.min.isr": in_sync for topic in _REPLICATED[1:]}
    return {"default.replication.factor": copies, "min.insync.replicas": in_sync, **internal}


def as_text(settings: Mapping[str, str]) -> str:
    """A Java properties file: a backslash would be an escape."""
    return "".join(
        f"{name}={value.replace(chr(92), chr(92) * 2)}\n" for name, value in settings.items()
    )
