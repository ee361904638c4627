"""What every engine has in common: it starts, it says where it is, it stops."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from deploy.embedded.child_process import ChildProcess
from deploy.embedded.errors import EngineDied


class Server(ABC):
    """An engine that is ready when `start` returns, and gone when `stop` does.

    It can be used in a `with` statement.
    """

    def start(self) -> None:
        """Block until the engine is ready.

        Another process may take a free port before the engine binds it; then the engine is started
        once more, with other ports. Raises PortTaken, EngineDied, EngineNotReady or EngineMissing,
        and then no process is left.
        """
        try:
            self._start_or_clean_up()
        except EngineDied as error:
            if not (error.has_lost_port and self._choose_other_ports()):
                raise
            self._start_or_clean_up()

    def _start_or_clean_up(self) -> None:
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._start_once()
            undo.pop_all()

    @abstractmethod
    def _start_once(self) -> None: ...

    @abstractmethod
    def _choose_other_ports(self) -> bool:
        """Forget the ports. Returns False if the caller chose them."""

    @abstractmethod
    def stop(self) -> None:
        """Block until every process is gone. Does nothing if there is none."""

    @abstractmethod
    def _processes(self) -> list[ChildProcess]:
        """The processes that should run."""

    @property
    def is_alive(self) -> bool:
        """Whether there are processes that should run, and all do."""
        processes = self._processes()
        return bool(processes) and all(process.is_alive for process in processes)

    def check(self) -> None:
        """Raise EngineDied, with its last output, if a process that should run does not."""
        for process in self._processes():
            process.check()

    @abstractmethod
    def describe(self) -> dict[str, object]:
        """Where the engine is, for the JSON line of `python -m tests.engines`."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class SingleProcessServer(Server):
    """A server that is one process, which `_start_once` keeps in `_process`."""

    _process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def stop(self) -> None:
        if self._process:
            self._process.terminate()

    def kill(self) -> None:
        """Send SIGKILL, as a crash. Blocks until the process is gone."""
        if self._process:
            self._process.kill()

    def _processes(self) -> list[ChildProcess]:
        return [self._process] if self._process else []
