"""The processes of a run, and what they use: CPU, memory, as Linux counts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.child_process import tie_to_parent

ROOT = Path(__file__).parents[4]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
END_SECONDS = 20.0


@dataclass(frozen=True)
class Role:
    """One kind of process: its name in the table, and the arguments after `python -m`."""

    name: str
    arguments: Sequence[str]


class Processes:
    """Processes of several roles, *workers* of each. Logs lie in *folder*."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**clean_environment(), **environment}
        self._running: list[tuple[Role, subprocess.Popen[bytes]]] = []

    def start(self, roles: Iterable[Role], workers: int = 1, python: str = sys.executable) -> None:
        for role in roles:
            for number in range(1, workers + 1):
                self._start(role, number, python)

    def pause(self) -> None:
        """Nobody works until `resume`. Sessions with Kafka last six seconds without a heartbeat."""
        self._signal(signal.SIGSTOP)

    def resume(self, name: str = "") -> None:
        """Let those with this *name* go on, or all of them."""
        self._signal(signal.SIGCONT, name)

    @property
    def names(self) -> list[str]:
        return [role.name for role, _ in self._running]

    def ask_for_counts(self) -> None:
        """Have timed services write what they counted: see `timed_service`."""
        self._signal(signal.SIGUSR1)

    def stop(self) -> None:
        """Ask all of them to end; kill those that do not."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        for _, process in self._running:
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def check(self) -> None:
        """Raises RuntimeError if one of them has ended."""
        for role, process in self._running:
            if process.poll() is not None:
                log = self._folder / f"{role.name}.log"
                end = log.read_text(errors="replace")[-1500:].strip()
                last = end.rpartition("\n")[2]
                raise RuntimeError(f"{role.name} ended with {process.returncode}: {last}\n{end}")

    def read_cpu(self) -> dict[str, float]:
        """Seconds of CPU of each role since its start, children that ended included."""
        seconds: dict[str, float] = {}
        for role, process in self._running:
            seconds[role.name] = seconds.get(role.name, 0.0) + read_cpu(process.pid)
        return seconds

    def read_peak_memory(self) -> dict[str, float]:
        """The most megabytes that a process of each role has held."""
        peaks: dict[str, float] = {}
        for role, process in self._running:
            peaks[role.name] = max(peaks.get(role.name, 0.0), read_peak_memory(process.pid))
        return peaks

    def _start(self, role: Role, number: int, python: str) -> None:
        with (self._folder / f"{role.name}.log").open("ab") as log:
            process = subprocess.Popen(
                tie_to_parent([python, "-m", *role.arguments]),
                cwd=ROOT,
                env={**self._environment, "BENCH_WORKER": str(number)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append((role, process))

    def _signal(self, number: signal.Signals, name: str = "") -> None:
        for role, process in self._running:
            if process.poll() is None and name in ("", role.name):
                process.send_signal(number)


def read_cpu(pid: int) -> float:
    """Seconds of CPU of a process: all its threads, and its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICKS_A_SECOND


def read_peak_memory(pid: int) -> float:
    """The most megabytes of memory that the process has held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def clean_environment() -> dict[str, str]:
    """Without the settings of the shell that started the run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")}
