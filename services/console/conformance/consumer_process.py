"""The consumer under test: a process in a folder of its own, listened to line by line."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from services.console.conformance.judgement import Transcript

MAX_LINE_BYTES: Final = 64 * 2**20  # a final map is one line
POLL_SECONDS: Final = 0.05
ERROR_LINES: Final = 3


class ConsumerProcess:
    """One run of the consumer; what it tells is in `transcript`."""

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        self._process = process
        self._errors = errors
        self.transcript = Transcript()
        self._last_line_at = asyncio.get_running_loop().time()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, command: Sequence[str], folder: Path, kafka: str) -> Self:
        """Start *command* in *folder*, where it may keep what it likes over restarts."""
        errors = folder / "consumer.stderr"
        with errors.open("ab") as stream:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env={**os.environ, "SEEDWIRE_KAFKA": kafka},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=stream,
                limit=MAX_LINE_BYTES,
                start_new_session=True,  # so that what it starts is ended too
            )
        return cls(process, errors)

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    @property
    def quiet_seconds(self) -> float:
        """How long it has told nothing."""
        return asyncio.get_running_loop().time() - self._last_line_at

    async def wait_until(self, is_met: Callable[[], bool], timeout: float) -> bool:
        """Whether *is_met* became true before the timeout, and before the process ended."""
        deadline = asyncio.get_running_loop().time() + timeout
        while not is_met():
            if not self.is_running or asyncio.get_running_loop().time() > deadline:
                return is_met()
            await asyncio.sleep(POLL_SECONDS)
        return True

    async def stop(self, timeout: float) -> Transcript:
        """Send SIGTERM, and wait for the final map and the end."""
        if self.is_running:
            self._signal(signal.SIGTERM)
        else:
            self._note_early_end()
        try:
            await asyncio.wait_for(self._process.wait(), timeout)
        except TimeoutError:
            self.transcript.faults.append(f"it did not end within {timeout:.0f} s of SIGTERM")
        await self.kill()
        return self.transcript

    async def kill(self) -> None:
        """End it and all that it started, as a crash."""
        self._signal(signal.SIGKILL)
        await self._process.wait()
        await self._reading

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._last_line_at = asyncio.get_running_loop().time()
            self.transcript.read_line(line.decode(errors="replace").rstrip("\r\n"))

    def _note_early_end(self) -> None:
        words = self._errors.read_text(errors="replace").strip().splitlines()[-ERROR_LINES:]
        last = f"; its last words: {' / '.join(words)}" if words else ""
        code = self._process.returncode
        self.transcript.faults.append(f"it ended by itself with exit code {code}{last}")
