"""A few processes that decode for us, one picture or page at a time each: bounded in time and memory, replaced when
they die.

What kills a process is known to be the picture it held: nothing else was in it.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from shared.errors import StoreAway

Result = TypeVar("Result")
Work = Callable[[bytes], Result]

PROCESSES: Final = 2  # of one worker: the second only starts while the first is busy
SECONDS: Final = 20.0  # for one picture; 50 megapixels take 2 to 4 on a slow core
MEMORY: Final = (
    2**30
)  # bytes of address space beyond what the process starts with; 50 megapixels take 400 MB
PICTURES: Final = (
    1_000  # after which a process makes place for a fresh one: decoders leak. Each comes twice
)


class Died(Exception):
    """The process that held the picture died: it took too long, or brought the decoder down. The picture has failed."""


class Pool:
    """Starts processes when there is work. They end with `close`, and with this process, however it ends."""

    def __init__(
        self,
        processes: int = PROCESSES,
        seconds: float = SECONDS,
        memory: int = MEMORY,
        pictures: int = PICTURES,
    ) -> None:
        self._seconds = seconds
        self._memory = memory
        self._pictures = pictures
        self._idle: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)

    async def run(self, work: Work[Result], content: bytes) -> Result:
        """What *work*, a function of a module, returns for *content*.

        Raises what it raises, Died, and StoreAway if this machine has no process for it now.
        """
        async with self._process() as process:
            try:
                future = process.executor.submit(_bounded, work, content, self._seconds)
                return await asyncio.wrap_future(future)
            except BrokenProcessPool as error:
                raise Died(
                    f"it took longer than {self._seconds:g} s, or brought the decoder down"
                ) from error

    async def close(self) -> None:
        while not self._idle.empty():
            if (process := self._idle.get_nowait()) is not None:
                await asyncio.to_thread(process.executor.shutdown)

    @asynccontextmanager
    async def _process(self) -> AsyncIterator["_Process"]:
        """One process for this caller alone. One that died, is worn out, or was left by its caller is used no more."""
        process, sound = await self._idle.get(), False
        try:
            process = process or await self._started()
            process.pictures += 1
            sound = process.pictures < self._pictures
            yield process
        except (Died, asyncio.CancelledError):
            sound = False
            raise
        finally:  # after an error of the work itself the process lives
            if process is not None and not sound:
                process.executor.shutdown(wait=False, cancel_futures=True)
            self._idle.put_nowait(process if sound else None)

    async def _started(self) -> "_Process":
        """One that works. Raises StoreAway: that it does not start is the fault of no picture."""
        # spawned, not forked: threads of ours may hold locks
        context = multiprocessing.get_context("spawn")
        try:
            executor = ProcessPoolExecutor(
                1, context, initializer=_prepare, initargs=(self._memory,)
            )
            await asyncio.wrap_future(executor.submit(os.getpid))
        except (OSError, BrokenProcessPool) as error:
            raise StoreAway(f"no process to decode in could be started: {error}") from error
        return _Process(executor)


@dataclass
class _Process:
    executor: ProcessPoolExecutor  # of one process
    pictures: int = 0  # that it was given


def _prepare(memory: int) -> None:
    """In the new process: ends with its parent, leaves Ctrl-C and SIGTERM to it, and gets no more memory than that.

    Supervisors send SIGTERM to every process of a service; its worker still finishes what it has in hand.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(ImportError, OSError, ValueError):  # not every system has it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_in_use() + memory,) * 2)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _in_use() -> int:
    """Bytes of address space."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _bounded(work: Work[Result], content: bytes, seconds: float) -> Result:
    """The alarm kills the process: a decoder in C listens to nothing less."""
    with _alarm(seconds):
        return work(content)


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
