"""Apache Kafka in KRaft mode on loopback, one node or three, for tests."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from deploy.embedded.child_process import Engine, free_ports, leashed, require_free
from deploy.embedded.errors import EngineDied
from deploy.embedded.server import Server
from tests.engines.jvm import run_class
from tests.engines.kafka_properties import LOG4J2, Node, as_text, properties
from tests.engines.metadata import is_ready, new_cluster_id
from tests.engines.security import LISTENERS, Security

_PATIENCE = 90.0  # seconds; one node is ready after 2 to 4, three after 9, more on a busy machine


class KafkaCluster(Server):
    """Nodes 1 to *nodes*, each a broker and a controller. *workdir* keeps their data, settings and logs (`node-1.log`).

    The ports stay the same over restarts of nodes, and a *workdir* with data is taken up again. `bootstrap` names every
    node. Topics must be created; `size` is how many copies they can have.
    """

    def __init__(
        self,
        libs: Path,
        workdir: Path,
        nodes: int = 1,
        heap: str = "256m",
        *,
        port: int | None = None,
        extra: Mapping[str, str] = MappingProxyType({}),
        security: Security | None = None,
    ) -> None:
        """*libs* is what `fetch` returned; *port* is node 1's, the next follow; *extra* is more server.properties.

        With *security* each node listens in those ways too: see `bootstrap_of`.
        """
        self._libs = libs
        self._workdir = workdir.absolute()
        self.size = nodes
        self._heap = heap
        self._given_port = port
        self._extra = extra
        self._security = security
        self._nodes: dict[int, Node] = {}
        self._engines: dict[int, Engine] = {}  # those that should run
        self.cluster_id = ""

    @property
    def bootstrap(self) -> str:
        return self.bootstrap_of("PLAINTEXT")

    def bootstrap_of(self, listener: str) -> str:
        """The addresses of a listener: PLAINTEXT, or with *security* one of `security.LISTENERS`."""
        return ",".join(node.listeners[listener] for node in self._nodes.values())

    @property
    def pids(self) -> dict[int, int | None]:
        return {number: engine.pid for number, engine in self._engines.items()}

    def _processes(self) -> list[Engine]:
        return list(self._engines.values())

    def _start_once(self) -> None:
        self._choose_ports()
        self._write_files()
        self._format()
        for number in self._nodes:
            self.start_node(number)
        self.wait_ready()

    def _choose_ports(self) -> None:
        if not self._nodes:
            others = tuple(LISTENERS) if self._security else ()
            free = iter(free_ports((2 + len(others)) * self.size))
            for number in range(1, self.size + 1):
                ports = next(free), next(free), {name: next(free) for name in others}
                self._nodes[number] = Node(number, *ports)
            if self._given_port:
                self._nodes = {
                    i: replace(n, port=self._given_port + i - 1) for i, n in self._nodes.items()
                }
        for node in self._nodes.values():
            require_free(node.port)

    def _choose_other_ports(self) -> bool:
        self._nodes = {}
        return self._given_port is None

    def _write_files(self) -> None:
        self._workdir.mkdir(parents=True, exist_ok=True)
        (self._workdir / "log4j2.properties").write_text(LOG4J2)
        for node in self._nodes.values():
            settings = properties(
                node, list(self._nodes.values()), self._data(node.id), self._extra, self._security
            )
            self._settings(node.id).write_text(as_text(settings))

    def _format(self) -> None:
        """Gives every new data folder the cluster's id; folders that have one tell it."""
        self.cluster_id = _cluster_id_of(map(self._data, self._nodes)) or new_cluster_id()
        for number in self._nodes:
            if not (self._data(number) / "meta.properties").exists():
                self._format_node(number)

    def _format_node(self, number: int) -> None:
        users = self._security.format_options() if self._security else []
        options: tuple[str | Path, ...] = (
            "-t",
            self.cluster_id,
            "-c",
            self._settings(number),
            *users,
        )
        command = self._java("kafka.tools.StorageTool", "format", *options)
        done = subprocess.run(leashed(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineDied(
                f"the format of Kafka's node {number}", done.returncode, done.stdout + done.stderr
            )

    def start_node(self, number: int) -> None:
        """Starts one node and returns at once; `wait_ready` follows."""
        log = self._workdir / f"node-{number}.log"
        command = self._java("kafka.Kafka", self._settings(number))
        engine = Engine(f"Kafka's node {number}", command, log, lambda: self._is_ready(number))
        engine.start()
        self._engines[number] = engine

    def wait_ready(self, timeout: float = _PATIENCE) -> None:
        """Blocks until each started node answers and sees the others. Raises EngineDied and NotReady."""
        for engine in self._engines.values():
            engine.wait_ready(timeout)

    def _is_ready(self, number: int) -> bool:
        self.check()  # a node waits for a dead one until the time is over
        return is_ready(self._nodes[number].port, self.cluster_id, frozenset(self._engines))

    def kill(self, number: int = 1) -> None:
        """SIGKILL for one node, as a crash."""
        self._engines.pop(number).kill()

    def stop(self) -> None:
        """A clean stop; of three nodes a kill, since the last ones would wait 5 s for a quorum that is gone."""
        for engine in self._engines.values():
            engine.terminate() if self.size == 1 else engine.kill()
        self._engines.clear()

    def card(self) -> dict[str, object]:
        return {
            "kafka": self.bootstrap,
            "cluster_id": self.cluster_id,
            "pids": list(self.pids.values()),
        }

    def _data(self, number: int) -> Path:
        return self._workdir / f"data-{number}"

    def _settings(self, number: int) -> Path:
        return self._workdir / f"server-{number}.properties"

    def _java(self, name: str, *arguments: str | Path) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self._workdir / 'log4j2.properties'}"
        return run_class(
            self._libs, name, *map(str, arguments), heap=self._heap, options=(logging,)
        )


def _cluster_id_of(folders: Iterable[Path]) -> str | None:
    for folder in folders:
        file = folder / "meta.properties"
        found = (
            re.search(r"^cluster\.id=(\S+)$", file.read_text(), re.MULTILINE)
            if file.exists()
            else None
        )
        if found:
            return found[1]
    return None
