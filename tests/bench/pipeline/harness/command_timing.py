"""Times a command: seconds until it has ended, and of its CPU."""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.pipeline.harness.processes import ROOT, clean_environment

SEEDWIRE = str(Path(sys.executable).with_name("seedwire"))


@dataclass(frozen=True)
class Timing:
    seconds: float
    cpu: float  # seconds


async def time_command(
    command: Sequence[str], environment: Mapping[str, str], expected: Sequence[int] = (0,)
) -> Timing:
    """Its output is thrown away. Raises RuntimeError if it ends with another code than *expected*.

    Nothing else that this process started may end meanwhile: its CPU would be counted here.
    """
    began, before = time.monotonic(), _read_children_cpu()
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**clean_environment(), "SEEDWIRE_PAGES": "off", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode not in expected:
        last = errors.decode(errors="replace").strip().rpartition("\n")[2]
        name = " ".join([Path(command[0]).name, *command[1:3]])
        raise RuntimeError(f"{name[:60]} ended with {process.returncode}: {last}")
    return Timing(time.monotonic() - began, _read_children_cpu() - before)


def _read_children_cpu() -> float:
    """Seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
