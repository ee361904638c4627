"""What every engine here has in common: it starts, it says where it is, it stops."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from deploy.embedded.child_process import Engine
from deploy.embedded.errors import EngineDied


class Server(ABC):
    """An engine that is ready when `start` returns, and gone when `stop` does. Usable in a `with`."""

    def start(self) -> None:
        """Blocks until ready. Raises PortTaken, EngineDied, NotReady or EngineMissing, with nothing left running.

        A free port can be lost to another process before the engine binds it; then it is tried once more, with others.
        """
        try:
            self._start_or_clean_up()
        except EngineDied as death:
            if not (death.lost_its_port and self._choose_other_ports()):
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
        """Forgets the ports; False when they were the caller's choice."""

    @abstractmethod
    def stop(self) -> None:
        """Blocks until every process is gone; does nothing when there is none."""

    @abstractmethod
    def _processes(self) -> list[Engine]:
        """Those that should run."""

    @property
    def alive(self) -> bool:
        """Whether there are processes that should run, and all do."""
        processes = self._processes()
        return bool(processes) and all(process.alive for process in processes)

    def check(self) -> None:
        """Raises EngineDied, with the last words of a process that should run and does not."""
        for process in self._processes():
            process.check()

    @abstractmethod
    def card(self) -> dict[str, object]:
        """Where it is, for the JSON line of `python -m tests.engines`."""

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


class SingleProcess(Server):
    """A server that is one process, which `_start_once` keeps in `_engine`."""

    _engine: Engine | None = None

    @property
    def pid(self) -> int | None:
        return self._engine.pid if self._engine else None

    def stop(self) -> None:
        if self._engine:
            self._engine.terminate()

    def kill(self) -> None:
        """SIGKILL, as a crash. Blocks until it is gone."""
        if self._engine:
            self._engine.kill()

    def _processes(self) -> list[Engine]:
        return [self._engine] if self._engine else []
