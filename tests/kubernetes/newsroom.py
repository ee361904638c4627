"""A newsroom in pods on one node, with Kafka and the store beside it, which no pod holds."""

import json
import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.embedded.kafka_metadata import new_cluster_id
from tests.command_runner import CommandFailed
from tests.conftest import ROOT
from tests.engines.jvm import build_command
from tests.engines.kafka_properties import LOG4J2, Node, build_properties, format_properties
from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.node import ADDRESS
from tests.settled_audit import audit_when_settled
from tests.waiting import wait_until
from tools.check_kubernetes import FOLDER

NAMESPACE: Final = "seedwire"
COMPONENT: Final = "app.kubernetes.io/component"
KAFKA_PORT: Final = 9092
CONTROLLER_PORT: Final = 9093
MONGO_PORT: Final = 27017
SETTINGS: Final = {
    "SEEDWIRE_KAFKA": f"{ADDRESS}:{KAFKA_PORT}",
    "SEEDWIRE_KAFKA_REPLICATION": "1",
    "SEEDWIRE_STORE": f"mongodb://{ADDRESS}:{MONGO_PORT}/seedwire",
    "SEEDWIRE_SOURCE": "https://seedwire.io/newsroom/kubernetes",
}
SETTLE_SECONDS: Final = 600
ROLLOUT_SECONDS: Final = 1200

Object = dict[str, Any]


class Newsroom:
    """What the base of deploy/kubernetes makes, on the node of *cluster*."""

    def __init__(self, cluster: ControlPlane, folder: Path, jars: Path) -> None:
        self._cluster = cluster
        self._folder = folder
        self._jars = jars
        self._kafka: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the engines, apply the base, and wait until every pod is ready."""
        heap, options = "512m", ("-Dhost=0.0.0.0",)
        store = build_command(self._jars, "Launch", str(MONGO_PORT), heap=heap, options=options)
        self._cluster.run("mongo", store)
        self._format_kafka()
        self.start_kafka()
        self._apply()
        self.wait_until_rolled_out()

    def start_kafka(self) -> None:
        command = build_command(
            self._jars, "kafka.Kafka", str(self._kafka_settings), heap="256m", options=self._logging
        )
        self._kafka = self._cluster.run("kafka", command)

    def kill_kafka(self) -> None:
        assert self._kafka is not None
        self._kafka.kill()
        self._kafka.wait()

    def kubectl(self, *arguments: str, seconds: float = ROLLOUT_SECONDS) -> str:
        own = ("--namespace", NAMESPACE)
        return self._cluster.kubectl(*own, *arguments, seconds=seconds)

    def list_deployments(self) -> list[str]:
        return self.kubectl("get", "deployments", "--output=name").split()

    def wait_until_rolled_out(self) -> None:
        for deployment in self.list_deployments():
            self.kubectl("rollout", "status", deployment, f"--timeout={ROLLOUT_SECONDS}s")

    def list_pods(self) -> list[Object]:
        pods = json.loads(self.kubectl("get", "pods", "--output=json"))["items"]
        return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def count_ready(self) -> dict[str, int]:
        """For each component how many of its pods are ready."""
        ready: dict[str, int] = {}
        for pod in self.list_pods():
            component = pod["metadata"]["labels"][COMPONENT]
            ready[component] = ready.get(component, 0) + int(is_ready(pod))
        return ready

    def read_restarts(self) -> dict[str, int]:
        """For each pod how often its container was started again."""
        restarts = {}
        for pod in self.list_pods():
            containers = pod["status"].get("containerStatuses", ())  # none before it is started
            restarts[pod["metadata"]["name"]] = sum(each["restartCount"] for each in containers)
        return restarts

    def seedwire(self, *arguments: str) -> str:
        """Run the command of the clone in the cluster's network."""
        command = [str(ROOT / ".venv/bin/seedwire"), *arguments]
        home = {"SEEDWIRE_HOME": str(self._folder)}
        seconds = SETTLE_SECONDS + 60
        return self._cluster.run_until_done(
            command, environment={**SETTINGS, **home}, seconds=seconds
        )

    def drop_until_acknowledged(self, folder: Path) -> None:
        def drop() -> bool:
            with suppress(CommandFailed):
                return bool(self.seedwire("drop", str(folder)))
            return False

        wait_until(drop, lambda: "Kafka takes no seeds")

    def audit(self) -> None:
        """Wait until nothing is pending; then no promise may be broken."""
        audit_when_settled(self.seedwire, SETTLE_SECONDS)

    def read_titles(self) -> set[str]:
        lines = self.seedwire("list", "--limit", "10000", "--json").splitlines()
        return {json.loads(line)["title"] for line in lines}

    @property
    def _kafka_settings(self) -> Path:
        return self._folder / "kafka.properties"

    @property
    def _logging(self) -> tuple[str, ...]:
        return (f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}",)

    def _format_kafka(self) -> None:
        (self._folder / "log4j2.properties").write_text(LOG4J2)
        addresses = {
            "listeners": f"PLAINTEXT://{ADDRESS}:{KAFKA_PORT},CONTROLLER://{ADDRESS}:{CONTROLLER_PORT}",
            "advertised.listeners": f"PLAINTEXT://{ADDRESS}:{KAFKA_PORT}",
            "controller.quorum.voters": f"1@{ADDRESS}:{CONTROLLER_PORT}",
        }
        node = Node(1, KAFKA_PORT, CONTROLLER_PORT)
        settings = build_properties(node, [node], self._folder / "kafka-data", addresses)
        self._kafka_settings.write_text(format_properties(settings))
        tool = ("kafka.tools.StorageTool", "format", "-t", new_cluster_id(), "-c")
        arguments = (*tool, str(self._kafka_settings))
        command = build_command(self._jars, *arguments, heap="256m", options=self._logging)
        self._cluster.run_until_done(command)

    def _apply(self) -> None:
        overlay = self._folder / "overlay"
        overlay.mkdir()
        settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "seedwire"}}
        kustomization = {
            "namespace": NAMESPACE,
            "resources": [os.path.relpath(FOLDER / "base", overlay)],
            "patches": [{"patch": yaml.safe_dump({**settings, "data": SETTINGS})}],
        }
        (overlay / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
        self._cluster.kubectl("apply", "--server-side", "--kustomize", str(overlay))
        token = f"--from-literal=SEEDWIRE_CONSOLE_TOKEN={os.urandom(16).hex()}"
        self.kubectl("create", "secret", "generic", "seedwire", token)


def is_ready(pod: Object) -> bool:
    conditions: Sequence[Object] = pod["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
