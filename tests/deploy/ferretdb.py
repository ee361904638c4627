"""FerretDB: a server with MongoDB's protocol that has users and TLS, which the stand-in has not.

It is version 1, in front of SQLite. What is shown with it is that our addresses, passwords and
certificates reach a server that checks them, and what we say of its refusals; it is no MongoDB.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.ports import LOOPBACK, find_free_port
from tests.certificates import Certificates
from tests.deploy.engine import find_cache
from tests.deploy.go_programs import GoModule

VERSION: Final = "v1.24.0"
SOURCE: Final = GoModule(
    "github.com/FerretDB/FerretDB", VERSION, added={"build/version/version.txt": VERSION}
)
USER: Final = "seedwire"
PASSWORD: Final = "to/be escaped:@"
DATABASE: Final = "seedwire"
START_SECONDS: Final = 60.0


@dataclass(frozen=True)
class FerretDB:
    """A running one, which takes connections with TLS alone."""

    port: int
    certificates: Certificates

    def address(self, user: str, authority: Path | None = None) -> str:
        """The URL for SEEDWIRE_STORE. *user* is `name:password@`, escaped, or empty."""
        options = f"tls=true&tlsCAFile={authority or self.certificates.authority}"
        return f"mongodb://{user}{LOOPBACK}:{self.port}/{DATABASE}?{options}"


def build() -> Path:
    """The program; takes minutes the first time."""
    program = find_cache() / "ferretdb"
    SOURCE.build("cmd/ferretdb", program)
    return program


@contextmanager
def running(folder: Path, certificates: Certificates) -> Iterator[FerretDB]:
    """FerretDB with one user runs while the block does, with its files in *folder*."""
    port = find_free_port()
    options = {
        "handler": "sqlite",
        "sqlite-url": f"file:{folder}/",
        "state-dir": str(folder),
        "telemetry": "disable",
        "debug-addr": "-",
        "listen-addr": "",
        "listen-tls": f"{LOOPBACK}:{port}",
        "listen-tls-cert-file": str(certificates.server),
        "listen-tls-key-file": str(certificates.server),
        "test-enable-new-auth": "true",
        "setup-database": DATABASE,
        "setup-username": USER,
        "setup-password": PASSWORD,
    }
    command = [str(build()), *(f"--{name}={value}" for name, value in options.items())]
    with (folder / "ferretdb.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            _wait_until_open(port, process, folder / "ferretdb.log")
            yield FerretDB(port, certificates)
        finally:
            process.kill()
            process.wait()


def _wait_until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((LOOPBACK, port), timeout=5).close()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it does not start:\n{log.read_text()[-3000:]}") from error
        else:
            return
        time.sleep(0.2)
