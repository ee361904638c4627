"""mongo-java-server in MongoDB's place, for tests only.

It has no sessions, transactions or retried writes, ignores TTL and write concerns, and takes one write at a time: a
green test says nothing about those.
"""

import re
from pathlib import Path
from typing import Literal

from deploy.embedded.child_process import Engine, require_free
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.server import SingleProcess
from tests.engines.jvm import run_class

Mode = Literal["memory", "sync"]
_PATIENCE = (
    60.0  # seconds; it is ready after about one, ten on a machine that is busy with other engines
)


class MongoStandIn(SingleProcess):
    """One stand-in, with its log file `mongo.log` in *workdir*.

    In mode `memory` everything is gone with the process. In mode `sync` the data is in `mongo.h2` in *workdir*, and an
    acknowledged write survives `kill`. The port of the first start is kept, so that clients find it again.
    """

    def __init__(
        self,
        libs: Path,
        workdir: Path,
        mode: Mode = "memory",
        port: int | None = None,
        heap: str = "512m",
    ) -> None:
        """*libs* is what `fetch` returned; *heap* is Java's, in its own words."""
        self._libs = libs
        self._workdir = workdir.absolute()
        self._mode = mode
        self._port = port or 0
        self._heap = heap

    @property
    def uri(self) -> str:
        return f"mongodb://{LOOPBACK}:{self._port}"

    def _start_once(self) -> None:
        if self._port:
            require_free(self._port)
        self._engine = engine = Engine(
            "mongo-java-server",
            self._command(),
            self._workdir / "mongo.log",
            lambda: _bound_port(engine) is not None,
        )
        engine.start()
        engine.wait_ready(_PATIENCE)
        self._port = _bound_port(engine) or self._port

    def _command(self) -> list[str]:
        file = [str(self._workdir / "mongo.h2")] if self._mode == "sync" else []
        return run_class(self._libs, "Launch", str(self._port), *file, heap=self._heap)

    def _choose_other_ports(self) -> bool:
        return False  # the system chose: there was nothing to lose

    def restart(self) -> None:
        """Ends it if it still runs, and starts it on the same port. Blocks until ready."""
        self.stop()
        self.start()

    def card(self) -> dict[str, object]:
        return {"store": self.uri, "pid": self.pid}


def _bound_port(engine: Engine) -> int | None:
    """The port that the launcher announced, or None before that."""
    found = re.search(r"^READY (\d+)$", engine.output(), re.MULTILINE)
    return int(found[1]) if found else None
