"""Apache Kafka in KRaft mode on loopback, one node or three, for tests."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from deploy.embedded.child_process import ChildProcess, tie_to_parent
from deploy.embedded.errors import EngineDied
from deploy.embedded.kafka_metadata import is_ready, new_cluster_id
from deploy.embedded.ports import find_free_ports, require_free_port
from deploy.embedded.server import Server
from tests.engines.jvm import build_command
from tests.engines.kafka_properties import LOG4J2, Node, build_properties, format_properties
from tests.engines.security import LISTENERS, Security

# One node is ready after 2 to 4 s, three after 9 s, and later on a busy machine.
_START_SECONDS: Final = 90.0


class KafkaCluster(Server):
    """Nodes 1 to *nodes*, each a broker and a controller.

    *workdir* keeps their data, settings and logs (`node-1.log`); a *workdir* with data is used
    again. The ports stay the same over restarts of nodes. `bootstrap` names every node. Topics must
    be created; `size` is how many replicas they can have.
    """

    def __init__(
        self,
        jars: Path,
        workdir: Path,
        nodes: int = 1,
        heap: str = "256m",
        *,
        port: int | None = None,
        extra: Mapping[str, str] = MappingProxyType({}),
        security: Security | None = None,
    ) -> None:
        """*jars* is the result of `fetch_jars`; *port* is node 1's, and the next nodes' follow.

        *extra* is more server.properties. With *security* each node opens secure listeners too: see
        `bootstrap_of`.
        """
        self._jars = jars
        self._workdir = workdir.absolute()
        self.size = nodes
        self._heap = heap
        self._requested_port = port
        self._extra = extra
        self._security = security
        self._nodes: dict[int, Node] = {}
        self._running: dict[int, ChildProcess] = {}  # the nodes that should run
        self.cluster_id = ""

    @property
    def bootstrap(self) -> str:
        return self.bootstrap_of("PLAINTEXT")

    def bootstrap_of(self, listener: str) -> str:
        """The addresses of a listener: PLAINTEXT or, with *security*, one of LISTENERS."""
        return ",".join(node.listeners[listener] for node in self._nodes.values())

    @property
    def pids(self) -> dict[int, int | None]:
        return {number: process.pid for number, process in self._running.items()}

    def _processes(self) -> list[ChildProcess]:
        return list(self._running.values())

    def _start_once(self) -> None:
        if not self._nodes:
            self._choose_ports()
        for node in self._nodes.values():
            require_free_port(node.port)
        self._write_files()
        self._format()
        for number in self._nodes:
            self.start_node(number)
        self.wait_until_ready()

    def _choose_ports(self) -> None:
        secure_listeners = tuple(LISTENERS) if self._security else ()
        free_ports = iter(find_free_ports((2 + len(secure_listeners)) * self.size))
        for number in range(1, self.size + 1):
            port, controller_port = next(free_ports), next(free_ports)
            secure_ports = {name: next(free_ports) for name in secure_listeners}
            if self._requested_port:
                port = self._requested_port + number - 1
            self._nodes[number] = Node(number, port, controller_port, secure_ports)

    def _choose_other_ports(self) -> bool:
        self._nodes = {}
        return self._requested_port is None

    def _write_files(self) -> None:
        self._workdir.mkdir(parents=True, exist_ok=True)
        (self._workdir / "log4j2.properties").write_text(LOG4J2)
        nodes = list(self._nodes.values())
        for node in nodes:
            data = self._data_folder(node.id)
            settings = build_properties(node, nodes, data, self._extra, self._security)
            self._settings_file(node.id).write_text(format_properties(settings))

    def _format(self) -> None:
        """Give every new data folder the cluster's id, which older folders have already."""
        folders = {number: self._data_folder(number) for number in self._nodes}
        self.cluster_id = _read_cluster_id(folders.values()) or new_cluster_id()
        for number, folder in folders.items():
            if not (folder / "meta.properties").exists():
                self._format_node(number)

    def _format_node(self, number: int) -> None:
        users = self._security.format_options() if self._security else []
        settings = str(self._settings_file(number))
        options = ["-t", self.cluster_id, "-c", settings, *users]
        command = self._build_command("kafka.tools.StorageTool", "format", *options)
        process = subprocess.run(
            tie_to_parent(command), capture_output=True, text=True, check=False
        )
        if process.returncode:
            output = process.stdout + process.stderr
            raise EngineDied(f"the format of Kafka's node {number}", process.returncode, output)

    def start_node(self, number: int) -> None:
        """Start one node and return at once; call `wait_until_ready` then."""
        process = ChildProcess(
            f"Kafka's node {number}",
            self._build_command("kafka.Kafka", str(self._settings_file(number))),
            self._workdir / f"node-{number}.log",
            lambda: self._is_ready(number),
        )
        process.start()
        self._running[number] = process

    def wait_until_ready(self, timeout: float = _START_SECONDS) -> None:
        """Block until each started node answers and sees the others.

        Raises EngineDied and EngineNotReady.
        """
        for process in self._running.values():
            process.wait_until_ready(timeout)

    def _is_ready(self, number: int) -> bool:
        self.check()  # otherwise a node would wait for a dead one until the timeout
        return is_ready(self._nodes[number].port, self.cluster_id, frozenset(self._running))

    def kill(self, number: int = 1) -> None:
        """Send SIGKILL to one node, as a crash."""
        self._running.pop(number).kill()

    def stop(self) -> None:
        """Stop one node cleanly, and kill three.

        The last ones of three would wait 5 s for a quorum that is gone.
        """
        for process in self._running.values():
            if self.size == 1:
                process.terminate()
            else:
                process.kill()
        self._running.clear()

    def describe(self) -> dict[str, object]:
        return {
            "kafka": self.bootstrap,
            "cluster_id": self.cluster_id,
            "pids": list(self.pids.values()),
        }

    def _data_folder(self, number: int) -> Path:
        return self._workdir / f"data-{number}"

    def _settings_file(self, number: int) -> Path:
        return self._workdir / f"server-{number}.properties"

    def _build_command(self, name: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self._workdir / 'log4j2.properties'}"
        return build_command(self._jars, name, *arguments, heap=self._heap, options=(logging,))


def _read_cluster_id(folders: Iterable[Path]) -> str | None:
    for folder in folders:
        file = folder / "meta.properties"
        if not file.exists():
            continue
        if match := re.search(r"^cluster\.id=(\S+)$", file.read_text(), re.MULTILINE):
            return match[1]
    return None
