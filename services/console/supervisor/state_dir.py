"""The state directory: what `up` leaves there for other commands, and which supervisor holds it."""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.console.supervisor.lockfile import hold_lock
from services.console.supervisor.process_plan import Plan
from shared.errors import SeedwireError


class StateDirLocked(SeedwireError):
    """A supervisor already runs in this state directory. Consequence: use that one."""


@dataclass(frozen=True)
class StateDir:
    """The directory that SEEDWIRE_HOME names. The path is absolute."""

    path: Path

    @property
    def run_dir(self) -> Path:
        """Files that exist only while a supervisor runs; the lock and the plan stay."""
        return self.path / "run"

    @property
    def log_dir(self) -> Path:
        return self.path / "logs"

    @property
    def supervisor_log(self) -> Path:
        return self.log_file("supervisor")

    @property
    def kafka_address_file(self) -> Path:
        """Holds the `host:port` of the gateway, where everybody finds the embedded broker."""
        return self.run_dir / "kafka"

    @property
    def console_address_file(self) -> Path:
        """Holds the URL of the web console."""
        return self.run_dir / "console"

    @property
    def ready_file(self) -> Path:
        """Holds the id of the plan whose processes all work."""
        return self.run_dir / "ready"

    @property
    def problem_file(self) -> Path:
        """Says what keeps the plan from becoming ready. Absent while nothing does."""
        return self.run_dir / "trouble"

    @property
    def lock_file(self) -> Path:
        return self.run_dir / "lock"

    @property
    def pid_file(self) -> Path:
        return self.run_dir / "pid"

    @property
    def plan_file(self) -> Path:
        return self.run_dir / "plan"

    def health_file(self, process_name: str) -> Path:
        """Holds the `host:port` of the process' health pages, if the supervisor asked for them."""
        return self.run_dir / f"health-{process_name}"

    def end_file(self, process_name: str) -> Path:
        """Holds how the process ended last, if it has not become ready since."""
        return self.run_dir / f"end-{process_name}"

    @property
    def instance_prefix(self) -> str:
        """Tells this state directory from others that use the same Kafka and the same store."""
        digest = hashlib.sha256(str(self.path).encode()).hexdigest()
        return f"{socket.gethostname()}-{digest[:6]}"

    def log_file(self, process_name: str) -> Path:
        return self.log_dir / f"{process_name}.log"

    def create(self) -> None:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.log_dir.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold this directory as its only supervisor. Raises StateDirLocked.

        The operating system releases the lock when the process ends, however it ends. What a killed
        supervisor left in `run` is removed first.
        """
        self.create()
        locked = StateDirLocked(f"a supervisor already runs in {self.path}")
        with hold_lock(self.lock_file, locked):
            self._remove_run_files()
            write_atomically(self.pid_file, str(os.getpid()))
            try:
                yield
            finally:
                self._remove_run_files()

    def supervisor_pid(self) -> int | None:
        """The process id of the supervisor that holds this directory, or None."""
        try:
            with self.lock_file.open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return int(read_if_exists(self.pid_file) or 0) or None
        return None

    def save_plan(self, plan: Plan) -> None:
        self.create()
        write_atomically(self.plan_file, json.dumps(asdict(plan)))

    def load_plan(self) -> Plan:
        return Plan(**json.loads(self.plan_file.read_text()))

    def load_running_plan(self) -> Plan | None:
        """The plan of the supervisor that holds this directory, or None if there is none."""
        return None if self.supervisor_pid() is None else self.load_plan()

    def is_ready(self, plan: Plan) -> bool:
        """Whether the supervisor reported that every process of *plan* works."""
        return read_if_exists(self.ready_file) == plan.id

    def clear_status(self) -> None:
        """Forget that a plan was ready, and what kept it from becoming ready."""
        self.ready_file.unlink(missing_ok=True)
        self.clear_problems()

    def clear_problems(self) -> None:
        """Forget what kept the plan from becoming ready, and how processes ended."""
        self.problem_file.unlink(missing_ok=True)
        for path in self.run_dir.glob("end-*"):
            path.unlink(missing_ok=True)

    def _remove_run_files(self) -> None:
        self.clear_status()
        self.kafka_address_file.unlink(missing_ok=True)
        self.console_address_file.unlink(missing_ok=True)
        self.pid_file.unlink(missing_ok=True)
        for path in self.run_dir.glob("health-*"):
            path.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Replace the file in one step: no reader sees half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)


def read_if_exists(path: Path) -> str:
    """The stripped text of the file, or nothing if there is no such file."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def last_line(log: Path) -> str:
    """The last line of the log that is not blank."""
    lines = read_log(log).split("\n")
    for line in reversed(lines):
        if line.strip():
            return line
    return f"it logged nothing to {log}"


def read_log(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""
