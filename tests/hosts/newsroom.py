"""A newsroom on three hosts: a Kafka node and every worker on each, the store on a fourth."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.embedded.kafka_metadata import new_cluster_id
from shared.runtime import exit_codes
from tests.conftest import ROOT
from tests.engines.jvm import build_command
from tests.engines.kafka_properties import LOG4J2, Node, build_properties, format_properties
from tests.hosts.network import Network

HOSTS: Final = (1, 2, 3)
STORE_HOST: Final = 4
KAFKA_PORT: Final = 9092
CONTROLLER_PORT: Final = 9093
MONGO_PORT: Final = 27017
SERVICES: Final = {
    "ingest": "services.ingest",
    "images": "services.enrichment.images",
    "related": "services.enrichment.related",
    "publishing": "services.publishing",
}
COMMAND_SECONDS: Final = 120.0
RESTARTED: Final = (
    exit_codes.FAILED,
    exit_codes.DEPENDENCY_UNAVAILABLE,
    exit_codes.GROUP_JOIN_REJECTED,
)
COMPILED: Final = {"PYTHONDONTWRITEBYTECODE": ""}  # hosts have it installed: compiled once
PATIENCE: Final = {
    # A machine that is busy with other tests must not look like a host that is cut off.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
    "initial.broker.registration.timeout.ms": "300000",
}


@dataclass
class Worker:
    """A process of a service, and where it runs."""

    host: int
    module: str
    process: subprocess.Popen[bytes]


@dataclass
class Newsroom:
    """Everything that runs on the *network*, with its files in *folder*."""

    network: Network
    folder: Path
    jars: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _workers: list[Worker] = field(default_factory=list)

    def start(self) -> None:
        """Start the engines and all workers, which wait for the engines by themselves."""
        self._start_store()
        self._start_kafka()
        for host in HOSTS:
            for module in SERVICES.values():
                self._workers.append(Worker(host, module, self._start_worker(host, module)))

    def restart_ended(self) -> None:
        """Start what has ended, as a supervisor on each host does."""
        for worker in self._workers:
            code = worker.process.poll()
            if code is not None:
                assert code in RESTARTED, f"{worker.module} on host {worker.host} ended with {code}"
                print(f"{worker.module} on host {worker.host} is restarted after {code}")
                worker.process = self._start_worker(worker.host, worker.module)

    def _start_worker(self, host: int, module: str) -> subprocess.Popen[bytes]:
        return self._start(host, module, [sys.executable, "-m", module], self.settings)

    def stop(self) -> None:
        self._stack.close()

    @property
    def settings(self) -> dict[str, str]:
        brokers = [f"{self.network.address(host)}:{KAFKA_PORT}" for host in HOSTS]
        store = self.network.address(STORE_HOST)
        return {
            "SEEDWIRE_HOME": str(self.folder),
            "SEEDWIRE_KAFKA": ",".join(brokers),
            "SEEDWIRE_KAFKA_REPLICATION": "3",
            "SEEDWIRE_STORE": f"mongodb://{store}:{MONGO_PORT}/seedwire",
            "SEEDWIRE_SOURCE": "https://seedwire.io/newsroom/hosts",
            "SEEDWIRE_PAGES": "off",
        }

    def seedwire(
        self, host: int, *arguments: str, codes: Sequence[int] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        """Run the command on *host*."""
        process = subprocess.run(
            [*self.network.enter(host), sys.executable, "-m", "services.console", *arguments],
            cwd=ROOT,
            env={**os.environ, **COMPILED, **self.settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert process.returncode in codes, f"{arguments}: {process.stdout}{process.stderr}"
        return process

    def list_workers(self, host: int) -> list[dict[str, Any]]:
        """The workers in the status that *host* shows; none while the store is not there."""
        shown = self.seedwire(host, "status", "--json", codes=(0, 1, 3)).stdout
        status = json.loads(shown or '{"services": []}')
        return [worker for worker in status["services"] if worker["name"] in SERVICES]

    def count_states(self, host: int) -> dict[str, int]:
        states = [worker["state"] for worker in self.list_workers(host)]
        return {state: states.count(state) for state in states}

    def _start_store(self) -> None:
        command = build_command(
            self.jars, "Launch", str(MONGO_PORT), heap="512m", options=("-Dhost=0.0.0.0",)
        )
        self._start(STORE_HOST, "mongo", command)

    def _start_kafka(self) -> None:
        (self.folder / "log4j2.properties").write_text(LOG4J2)
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        cluster = new_cluster_id()
        files = {host: self._write_kafka_settings(host) for host in HOSTS}
        for file in files.values():
            formatting = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(file))
            command = build_command(self.jars, *formatting, heap="256m", options=(logging,))
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for host, file in files.items():
            command = build_command(
                self.jars, "kafka.Kafka", str(file), heap="256m", options=(logging,)
            )
            self._start(host, "kafka", command)

    def _write_kafka_settings(self, host: int) -> Path:
        nodes = [Node(number, KAFKA_PORT, CONTROLLER_PORT) for number in HOSTS]
        own = self.network.address(host)
        voters = [f"{number}@{self.network.address(number)}:{CONTROLLER_PORT}" for number in HOSTS]
        addresses = {
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"PLAINTEXT://{own}:{KAFKA_PORT},CONTROLLER://{own}:{CONTROLLER_PORT}",
            "advertised.listeners": f"PLAINTEXT://{own}:{KAFKA_PORT}",
            **PATIENCE,
        }
        data = self.folder / f"kafka-{host}"
        settings = build_properties(nodes[host - 1], nodes, data, addresses)
        file = self.folder / f"kafka-{host}.properties"
        file.write_text(format_properties(settings))
        return file

    def _start(
        self,
        host: int,
        name: str,
        command: Sequence[str],
        settings: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start *command* on *host*; it is killed when everything stops."""
        log = self._stack.enter_context((self.folder / f"{name}-{host}.log").open("ab"))
        process = subprocess.Popen(
            [*self.network.enter(host), *command],
            cwd=ROOT,
            env={**os.environ, **COMPILED, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process
