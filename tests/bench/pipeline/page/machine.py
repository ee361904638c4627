"""The machine of a run, in words: what figures depend on."""

import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

FLUSHES = 50


def describe_machine() -> str:
    """One paragraph, without any name or path of this machine."""
    load = os.getloadavg()[0]
    flush = 1000 * _measure_flush()
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d at %H:%M} UTC on {os.cpu_count()} cores "
        f"({_find_model()}), {_find_memory():.0f} GB of memory, {platform.system()} "
        f"{platform.release().partition('-')[0]}, Python {platform.python_version()}. "
        f"A flush of 4 KB to the disk takes {flush:.2f} ms (median of {FLUSHES}); "
        f"the load average before the run was {load:.1f}."
    )


def _find_model() -> str:
    return _find_line("/proc/cpuinfo", "model name") or platform.machine()


def _find_memory() -> float:
    """Gigabytes."""
    return int((_find_line("/proc/meminfo", "MemTotal") or "0").split()[0]) / 1024**2


def _find_line(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def _measure_flush() -> float:
    """Seconds."""
    times: list[float] = []
    with TemporaryDirectory() as folder, Path(folder, "flushed").open("wb", buffering=0) as file:
        for _ in range(FLUSHES):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return median(times)
