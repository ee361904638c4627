"""Times a command: seconds until it has ended, and of its CPU."""

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.bench.pipeline.harness.processes import ROOT, clean_environment

SEEDWIRE = str(Path(sys.executable).with_name("seedwire"))


@dataclass(frozen=True)
class Timing:
    seconds: float
    cpu: float  # seconds


async def time_command(
    command: Sequence[str], environment: Mapping[str, str], expected: Sequence[int] = (0,)
) -> Timing:
    """Raises RuntimeError with its last words if it ends with another code than *expected*.

    Nothing else that this process started may end meanwhile: its CPU would be counted here.
    """
    with tempfile.TemporaryFile() as output:
        began, before = time.monotonic(), _read_children_cpu()
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env={**clean_environment(), "SEEDWIRE_PAGES": "off", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            await process.wait()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        timing = Timing(time.monotonic() - began, _read_children_cpu() - before)
        if process.returncode not in expected:
            name = " ".join([Path(command[0]).name, *command[1:3]])
            last = _read_last_line(output)
            raise RuntimeError(f"{name[:60]} ended with {process.returncode}: {last}")
    return timing


def _read_last_line(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode(errors="replace").strip().rpartition("\n")[2]


def _read_children_cpu() -> float:
    """Seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
