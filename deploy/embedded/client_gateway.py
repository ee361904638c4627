"""The process before the embedded broker that every Kafka client connects to."""

import sys
from pathlib import Path
from typing import Final

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.child_process import ChildProcess
from deploy.embedded.errors import PortTaken
from deploy.embedded.kafka_metadata import is_ready
from deploy.embedded.ports import LOOPBACK, find_free_port, require_free_port
from deploy.embedded.server import SingleProcessServer

ANY_PORT: Final = 0
_START_SECONDS: Final = 120.0  # half a second on an idle machine, over 30 s beside twenty others


class ClientGateway(SingleProcessServer):
    """A gateway to *broker*, which must be running when this starts."""

    def __init__(
        self,
        workdir: Path,
        broker: EmbeddedBroker,
        port: int = ANY_PORT,
        *,
        advertised: str | None = None,
    ) -> None:
        """The log file `gateway.log` is in *workdir*. *port* 0 takes a free one, and keeps it.

        *advertised* is the `host:port` that clients are sent to, if it is another: a proxy's.
        """
        self._advertised = advertised
        self._workdir = workdir.absolute()
        self._broker = broker
        self._requested_port = port
        self._port = port

    @property
    def bootstrap(self) -> str:
        """The `host:port` for clients."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def log(self) -> Path:
        return self._workdir / "gateway.log"

    def require_port(self) -> None:
        """Raise PortTaken, with what to do about it, if another process has the port."""
        if self._port == ANY_PORT:
            return
        try:
            require_free_port(self._port)
        except PortTaken as error:
            raise PortTaken(
                f"{error}. Another newsroom or a Kafka may run there. Set SEEDWIRE_BROKER_PORT to "
                "another port for the Kafka clients of this newsroom (0: any free one), or "
                f"SEEDWIRE_KAFKA={self.bootstrap} to use a Kafka that runs there"
            ) from error

    def _start_once(self) -> None:
        port = self._port = self._port or find_free_port()
        self.require_port()
        cluster_id = self._broker.cluster_id
        advertised = self._advertised or self.bootstrap
        self._process = ChildProcess(
            "the gateway",
            [
                sys.executable,
                "-m",
                "deploy.embedded.gateway",
                f"--broker={self._broker.bootstrap}",
                f"--port={port}",
                f"--advertised={advertised}",
            ],
            self.log,
            lambda: is_ready(port, cluster_id),
        )
        self._process.start()
        self._process.wait_until_ready(_START_SECONDS)

    def _choose_other_ports(self) -> bool:
        self._port = self._requested_port
        return self._requested_port == ANY_PORT

    def describe(self) -> dict[str, object]:
        return {"kafka": self.bootstrap, "pid": self.pid}
