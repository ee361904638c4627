"""A child process, from its start to its end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy.embedded.errors import EngineDied, EngineError, EngineNotReady

_PARENT_DEATH: Final = Path(__file__).with_name("parent_death.py")
_POLL_SECONDS: Final = 0.02  # trying a closed port costs well under 1 ms


class ChildProcess:
    """One child process: start it, wait for it, end it.

    On Linux the child is killed when this process dies, by SIGKILL too; elsewhere it would live on.
    The kernel watches the *thread* that called `start`: call it from a thread that lives as long as
    the child should, best from the main one, never from a pool. The child has a session of its own,
    so a Ctrl-C reaches this process alone.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        is_ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
    ) -> None:
        """*log* gets the output of all starts; its folder is the child's working directory.

        *is_ready* may block for a second.
        """
        self.name = name
        self.log = log
        self._command = list(command)
        self._is_ready = is_ready
        self._env = env
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> None:
        """Start the child and return at once. Raises EngineError when it runs already."""
        if self.is_alive:
            raise EngineError(f"{self.name} runs already, as process {self.pid}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                tie_to_parent(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.log.parent,
                env=self._env,
                start_new_session=True,
            )

    def wait_until_ready(self, timeout: float = 60.0) -> None:
        """Block until the child is ready.

        Raises EngineDied, or EngineNotReady after *timeout* seconds.
        """
        deadline = time.monotonic() + timeout
        while not self._is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise EngineNotReady(self.name, timeout, self.output())
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise EngineDied if the child has ended."""
        code = self.exit_code
        if code is not None:
            raise EngineDied(self.name, code, self.output())

    def terminate(self, timeout: float = 10.0) -> None:
        """Send SIGTERM, and SIGKILL if the child is still there after *timeout* seconds.

        Blocks until it is gone.
        """
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL. Blocks until the child is gone."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def is_alive(self) -> bool:
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


def tie_to_parent(command: Sequence[str]) -> list[str]:
    """*command* as one that dies with this process, where the system can do that (Linux)."""
    if sys.platform != "linux":
        return list(command)
    return [sys.executable, "-I", "-S", str(_PARENT_DEATH), str(os.getpid()), *command]
