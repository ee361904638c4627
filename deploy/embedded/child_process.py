"""A child process of ours, from its start to its end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.embedded.errors import EngineDied, EngineError, NotReady
from deploy.embedded.ports import free_port, free_ports, require_free

__all__ = ["Engine", "free_port", "free_ports", "leashed", "require_free"]

_LEASH = Path(__file__).with_name("parent_death.py")
_POLL = 0.02  # seconds: a failed look at a closed port costs well under 1 ms


class Engine:
    """One child process: started, waited for, ended.

    On Linux the child is killed when this process dies, SIGKILL included; elsewhere it would live on. The kernel
    watches the *thread* that called `start`: call it from a thread that lives as long as the engine should, best the
    main one, never from a pool. The child has a session of its own, so a Ctrl-C reaches only us.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
    ) -> None:
        """*log* gets all output of all starts; its folder is the working directory. *ready* may block for a second."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._ready = ready
        self._env = env
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> None:
        """Starts the child and returns at once. Raises EngineError when it runs already."""
        if self.alive:
            raise EngineError(f"{self.name} runs already, as process {self.pid}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                leashed(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.log.parent,
                env=self._env,
                start_new_session=True,
            )

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Blocks until the engine answers. Raises EngineDied, or NotReady after *timeout* seconds."""
        deadline = time.monotonic() + timeout
        while not self._ready():
            self.check()
            if time.monotonic() > deadline:
                raise NotReady(self.name, timeout, self.output())
            time.sleep(_POLL)

    def check(self) -> None:
        """Raises EngineDied when the child has ended."""
        code = self.exit_code
        if code is not None:
            raise EngineDied(self.name, code, self.output())

    def terminate(self, timeout: float = 10.0) -> None:
        """SIGTERM, and SIGKILL for a child that is still there after *timeout* seconds. Blocks until it is gone."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL. Blocks until it is gone."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs, or before the first start; negative: the signal that ended it."""
        return self._child.poll() if self._child else None

    def output(self) -> str:
        """What the child has written since its latest start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def leashed(command: Sequence[str]) -> list[str]:
    """*command*, as one that dies with this process where the system can do that (Linux)."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command]
