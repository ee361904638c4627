"""A few processes that decode for us, one picture or page at a time each.

They are bounded in time and memory, and replaced when they die. What kills a process is known to be
the picture that it held, because it held nothing else: that is why this is not one pool of several
processes (docs/decisions/0033-libraries-of-images.md).
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from shared.errors import DecoderUnavailable

Result = TypeVar("Result")
Work = Callable[[bytes], Result]
"""A function of a module, which a process can import."""

PROCESSES: Final = 2  # of one worker; the second starts when the first is busy
MAX_SECONDS: Final = 20.0  # for one picture; 50 megapixels take 2 to 4 on a slow core
# Bytes of address space beyond what the process starts with; 50 megapixels take 400 MB.
MAX_MEMORY: Final = 2**30
MAX_PICTURES: Final = 500  # after so many a fresh process takes over, for decoders leak


class DecodingProcessDied(Exception):
    """The process took too long, or crashed.

    Consequence: the picture that it held is tried once more where deaths are counted; elsewhere it
    has failed.
    """


async def _do_nothing() -> None:
    """Nobody asked to be told that work begins."""


class DecodingPool:
    """Starts processes when there is work. They end with `close`, and with this process, however
    it ends."""

    def __init__(
        self,
        processes: int = PROCESSES,
        seconds: float = MAX_SECONDS,
        memory: int = MAX_MEMORY,
        pictures: int = MAX_PICTURES,
    ) -> None:
        self._processes = processes
        self._all = asyncio.Lock()  # held by whoever gathers every process
        self._seconds = seconds
        self._memory = memory
        self._pictures = pictures
        self._idle: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)

    async def run(
        self,
        work: Work[Result],
        content: bytes,
        on_begin: Callable[[], Awaitable[None]] = _do_nothing,
        *,
        alone: bool = False,
    ) -> Result:
        """What *work* returns for *content*. Blocks until a process is free, and then for it.

        *on_begin* is awaited once the process is free. *alone*: nothing else is decoded meanwhile.
        Raises what *work* and *on_begin* raise, DecodingProcessDied, and DecoderUnavailable if this
        machine cannot start a process now.
        """
        borrow = self._borrow_all if alone else self._borrow_process
        async with borrow() as process:
            await on_begin()
            try:
                future = process.executor.submit(_run_within_seconds, work, content, self._seconds)
                return await asyncio.wrap_future(future)
            except BrokenProcessPool as error:
                reason = f"it took longer than {self._seconds:g} s, or crashed the decoder"
                raise DecodingProcessDied(reason) from error

    async def close(self) -> None:
        while not self._idle.empty():
            process = self._idle.get_nowait()
            if process is not None:
                await asyncio.to_thread(process.executor.shutdown)

    @asynccontextmanager
    async def _borrow_all(self) -> AsyncIterator["_Process"]:
        """One process, while all the others are idle."""
        async with self._all, AsyncExitStack() as stack:
            for _ in range(self._processes - 1):
                stack.push_async_callback(self._idle.put, await self._idle.get())
            yield await stack.enter_async_context(self._borrow_process())

    @asynccontextmanager
    async def _borrow_process(self) -> AsyncIterator["_Process"]:
        """One process for this caller alone.

        It is not used again if it died, is worn out, or was left by its caller in mid-work. After
        an error of the work itself it is.
        """
        process, is_reusable = await self._idle.get(), False
        try:
            if process is None:
                process = await _start_process(self._memory)
            process.pictures += 1
            is_reusable = process.pictures < self._pictures
            yield process
        except (DecodingProcessDied, asyncio.CancelledError):
            is_reusable = False
            raise
        finally:
            if process is not None and not is_reusable:
                process.executor.shutdown(wait=False, cancel_futures=True)
            self._idle.put_nowait(process if is_reusable else None)


@dataclass
class _Process:
    executor: ProcessPoolExecutor  # of one process
    pictures: int = 0  # that it was given


async def _start_process(memory: int) -> _Process:
    """A process that works.

    Raises DecoderUnavailable: no picture is to blame for a process that does not start.
    """
    # Spawned, not forked: threads of ours may hold locks.
    context = multiprocessing.get_context("spawn")
    try:
        executor = ProcessPoolExecutor(1, context, initializer=_set_up_process, initargs=(memory,))
        await asyncio.wrap_future(executor.submit(os.getpid))
    except (OSError, BrokenProcessPool) as error:
        # As when the store is unavailable, the batch is handled again later.
        raise DecoderUnavailable(f"no process to decode in could be started: {error}") from error
    return _Process(executor)


def _set_up_process(memory: int) -> None:
    """Runs in the new process: ties it to its parent and limits its memory to *memory* more bytes.

    Ctrl-C and SIGTERM are left to the parent. Supervisors send SIGTERM to every process of a
    service, and the worker still finishes what it has in hand.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(ImportError, OSError, ValueError):  # not every system has it
        import resource

        limit = _address_space() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _address_space() -> int:
    """Bytes in use."""
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _run_within_seconds(work: Work[Result], content: bytes, seconds: float) -> Result:
    """The alarm kills the process: nothing less stops a decoder written in C."""
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
