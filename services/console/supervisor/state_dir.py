"""The home folder: what `up` leaves there for every other command, and who holds it."""

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.console.supervisor.lockfile import locked
from services.console.supervisor.process_plan import Plan
from shared.errors import SeedwireError


class HomeTaken(SeedwireError):
    """A supervisor runs in this home already. Consequence: it is asked to do what the second was to do."""


@dataclass(frozen=True)
class Home:
    """The folder that SEEDWIRE_HOME names, as an absolute path."""

    folder: Path

    @property
    def run(self) -> Path:
        """What lives as long as the supervisor: its lock, plan and the broker's address."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def kafka(self) -> Path:
        return self.run / "kafka"

    @property
    def ready(self) -> Path:
        """Holds the number of the plan that is up."""
        return self.run / "ready"

    @property
    def name(self) -> str:
        """Tells this home from every other one that may work on the same engines."""
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()
        return f"{socket.gethostname()}-{digest[:6]}"

    @property
    def trouble(self) -> Path:
        """Says what keeps the plan from being ready, while something does."""
        return self.run / "trouble"

    def make(self) -> None:
        self.run.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold this home as its only supervisor. Raises HomeTaken. The lock ends with the process, however it ends."""
        self.make()
        with locked(self.run / "lock", HomeTaken(f"a supervisor runs in {self.folder} already")):
            write(self.run / "pid", str(os.getpid()))
            self.kafka.unlink(missing_ok=True)
            self.ready.unlink(missing_ok=True)
            self.trouble.unlink(missing_ok=True)
            try:
                yield
            finally:
                for left in (self.kafka, self.ready, self.trouble, self.run / "pid"):
                    left.unlink(missing_ok=True)

    def supervisor(self) -> int | None:
        """The process id of the supervisor that holds this home, or None."""
        try:
            with (self.run / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return int(written(self.run / "pid") or 0) or None
        return None

    def save_plan(self, plan: Plan) -> None:
        self.make()
        write(self.run / "plan", json.dumps(asdict(plan)))

    def plan(self) -> Plan:
        return Plan(**json.loads((self.run / "plan").read_text()))


def write(path: Path, text: str) -> None:
    """Replace the file at once: nobody reads half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(path)


def written(path: Path) -> str:
    """What the file holds, or nothing while it is not there."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def last_line(log: Path) -> str:
    """The last thing that was logged."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), f"it left no word in {log}")
