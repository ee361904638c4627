"""mongo-java-server in MongoDB's place, for tests only.

It has no sessions, transactions or retried writes, ignores TTL and write concerns, and takes one
write at a time: a green test proves nothing about those.
"""

import re
from pathlib import Path
from typing import Final, Literal

from deploy.embedded.child_process import ChildProcess
from deploy.embedded.ports import LOOPBACK, require_free_port
from deploy.embedded.server import SingleProcessServer
from tests.engines.jvm import build_command

Mode = Literal["memory", "sync"]
# It is ready after about one second, ten on a machine that is busy with other engines.
_START_SECONDS: Final = 60.0


class MongoStandIn(SingleProcessServer):
    """One stand-in, with its log file `mongo.log` in *workdir*.

    In mode `memory` all data is gone with the process. In mode `sync` it is in `mongo.h2` in
    *workdir*, and an acknowledged write survives `kill`. The stand-in keeps the port of its first
    start, so that clients find it again.
    """

    def __init__(
        self,
        jars: Path,
        workdir: Path,
        mode: Mode = "memory",
        port: int | None = None,
        heap: str = "512m",
    ) -> None:
        """*jars* is the result of `fetch_jars`; *heap* is written as for Java's -Xmx."""
        self._jars = jars
        self._workdir = workdir.absolute()
        self._mode = mode
        self._port = port or 0
        self._heap = heap

    @property
    def uri(self) -> str:
        return f"mongodb://{LOOPBACK}:{self._port}"

    def _start_once(self) -> None:
        if self._port:
            require_free_port(self._port)
        self._process = process = ChildProcess(
            "mongo-java-server",
            self._build_command(),
            self._workdir / "mongo.log",
            lambda: _find_bound_port(process) is not None,
        )
        process.start()
        process.wait_until_ready(_START_SECONDS)
        self._port = _find_bound_port(process) or self._port

    def _build_command(self) -> list[str]:
        file = [str(self._workdir / "mongo.h2")] if self._mode == "sync" else []
        return build_command(self._jars, "Launch", str(self._port), *file, heap=self._heap)

    def _choose_other_ports(self) -> bool:
        return False  # the system chose the port, so another process could not take it

    def restart(self) -> None:
        """End it if it runs, and start it on the same port. Blocks until it is ready."""
        self.stop()
        self.start()

    def describe(self) -> dict[str, object]:
        return {"store": self.uri, "pid": self.pid}


def _find_bound_port(process: ChildProcess) -> int | None:
    """The port that the launcher has announced, or None before that."""
    match = re.search(r"^READY (\d+)$", process.output(), re.MULTILINE)
    return int(match[1]) if match else None
