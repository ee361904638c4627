"""A container engine of our own: its data in a folder, its network in a namespace.

Images are built with the network of this machine, since builds fetch packages. Containers run in a
network namespace that has loopback and the bridges of the engine alone: they reach nobody else.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.command_runner import CommandFailed, run_command

DOCKER: Final = (
    "/usr/bin/docker"  # of Debian, beside its engine; another client may be first on PATH
)
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 150.0  # longer than any container may take to stop
BUILDING: Final = ("--bridge=none", "--iptables=false", "--ip6tables=false")
RUNNING: Final = ("--bip=10.88.0.1/24", "--default-address-pool=base=10.89.0.0/16,size=24")


class Engine:
    """One container engine, which may be stopped and started again with the same data."""

    def __init__(self, folder: Path, namespace: str = "") -> None:
        """*folder* has data and socket. *namespace* is the network; empty: this machine's own."""
        self._folder = folder
        self._namespace = namespace
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"unix://{self._folder / 'socket'}"

    def docker(self, *arguments: str, seconds: float = 300) -> str:
        """Run `docker`; returns what it printed, errors too. Raises CommandFailed."""
        return self.run([DOCKER, *arguments], seconds=seconds)

    def inspect(self, container: str) -> dict[str, Any]:
        (description,) = json.loads(self.docker("inspect", container))
        return dict(description)

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = 300,
        stdin: str = "",
    ) -> str:
        """Run *command* beside the engine, in its network. Raises CommandFailed."""
        return run_command(
            [*self._enter_network(), *command],
            cwd=cwd,
            environment={"DOCKER_HOST": self.address, **(environment or {})},
            stdin=stdin,
            seconds=seconds,
            returns_errors=True,
        )

    def start(self) -> None:
        """Start the engine, which starts its containers again. Blocks until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        network = RUNNING if self._namespace else BUILDING
        command = [
            "dockerd",
            *network,
            "--storage-driver=overlay2",
            f"--data-root={self._folder / 'data'}",
            f"--exec-root={self._folder / 'exec'}",
            f"--pidfile={self._folder / 'pid'}",
            f"--host={self.address}",
        ]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._enter_network(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Stop the engine, and with it every container."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def _log(self) -> Path:
        return self._folder / "engine.log"

    def _enter_network(self) -> list[str]:
        # `ip netns exec` would hide the control groups from the engine.
        return ["nsenter", f"--net=/run/netns/{self._namespace}"] if self._namespace else []

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.docker("info", seconds=10)
            except CommandFailed as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    log = self._log.read_text(errors="replace")[-2000:]
                    raise CommandFailed(f"the engine does not start: {error}\n{log}") from error
            else:
                return
            time.sleep(0.3)


@contextmanager
def running(engine: Engine) -> Iterator[Engine]:
    """*engine* runs while the block does."""
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


@contextmanager
def network_namespace(name: str) -> Iterator[str]:
    """A network namespace with loopback alone, while the block runs."""
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def find_cache() -> Path:
    """The folder that keeps what takes long to make, from one run to the next."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "seedwire-deploy"


def find_missing_tools(names: Sequence[str]) -> list[str]:
    return [name for name in names if shutil.which(name) is None]
