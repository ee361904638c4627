"""The service processes of a fault run.

They are restarted when they end, and each has failpoint rules of its own.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.embedded.child_process import tie_to_parent
from services.console.supervisor.process_plan import MODULES, number_of, service_of
from shared.runtime import exit_codes

ROOT: Final = Path(__file__).parents[3]
FAULTY_SERVICE: Final = "tests.faults.faulty.faulty_service"
EVERY_SERVICE: Final = "every"  # instead of the name of a service, for a planted bug
PERMANENT: Final = ("ingest-1", "images-1", "images-2", "related-1", "related-2", "publishing-1")
RESTART_DELAY_SECONDS: Final = (
    3  # when a dependency was unavailable: an early restart does not help
)


@dataclass
class ManagedProcess:
    """One service process under a fixed name. A permanent one is restarted whenever it ends."""

    name: str
    is_permanent: bool = True
    process: subprocess.Popen[bytes] | None = None
    is_reserved: bool = False  # for the fault that works on it
    restart_at: float = 0  # seconds since 1970
    exit_codes: list[int] = field(default_factory=list)

    @property
    def service(self) -> str:
        return service_of(self.name)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def has_halted(self) -> bool:
        """Whether it ever ended because of too many invalid records; a restart does not help."""
        return exit_codes.HALTED in self.exit_codes

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def signal(self, number: signal.Signals) -> None:
        if self.is_alive and self.process:
            self.process.send_signal(number)


class ServiceProcesses:
    """All service processes, run with *environment*; logs and failpoint rules lie in *folder*.

    *bug* is `(service, name of a planted bug)`.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        seed: int,
        bug: tuple[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._seed = seed
        self._bug = bug
        self.by_name = {name: ManagedProcess(name) for name in PERMANENT}
        self.is_paused = False  # nothing is started while the broker is replaced
        self.was_join_rejected = False  # a consumer group refused to let one of them in
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def all(self) -> list[ManagedProcess]:
        return list(self.by_name.values())

    @property
    def permanent(self) -> list[ManagedProcess]:
        return [process for process in self.all if process.is_permanent]

    def restart_ended(self) -> None:
        """Start again what has ended. To be called often."""
        for managed in self.all:
            if managed.process is not None and not managed.is_alive:
                self._note_end(managed, managed.process.returncode)
            if managed.is_permanent and managed.process is None and self._may_start(managed):
                self.start(managed)

    def _note_end(self, managed: ManagedProcess, exit_code: int) -> None:
        managed.process = None
        managed.exit_codes.append(exit_code)
        if exit_code == exit_codes.GROUP_JOIN_REJECTED:
            self.was_join_rejected = True
        delay = RESTART_DELAY_SECONDS if exit_code == exit_codes.DEPENDENCY_UNAVAILABLE else 0
        managed.restart_at = time.time() + delay
        if not managed.is_permanent:
            del self.by_name[managed.name]

    def _may_start(self, managed: ManagedProcess) -> bool:
        return not self.is_paused and time.time() >= managed.restart_at and not managed.has_halted

    def add_temporary(self, service: str) -> ManagedProcess:
        """Start one more worker of *service*, which is not restarted when it ends."""
        names = [name for name in self.by_name if service_of(name) == service]
        number = max(int(number_of(name)) for name in names) + 1
        managed = ManagedProcess(f"{service}-{number}", is_permanent=False)
        self.by_name[managed.name] = managed
        self.start(managed)
        return managed

    def start(self, managed: ManagedProcess) -> None:
        self.disarm(managed)
        command = [sys.executable, "-m", FAULTY_SERVICE, MODULES[managed.service]]
        if self._bug and self._bug[0] in (managed.service, EVERY_SERVICE):
            command.append(self._bug[1])
        with (self._folder / f"{managed.name}.log").open("ab") as log:
            managed.process = subprocess.Popen(
                tie_to_parent(command),
                cwd=ROOT,
                env=self._build_environment(managed),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def arm(self, managed: ManagedProcess, rules: str) -> None:
        """Give the process these failpoint rules; the file is replaced atomically."""
        new = self._rules_file(managed).with_suffix(".new")
        new.write_text(rules)
        new.replace(self._rules_file(managed))

    def disarm(self, managed: ManagedProcess) -> None:
        self._rules_file(managed).unlink(missing_ok=True)

    def count_fired(self, managed: ManagedProcess) -> int:
        """How often any failpoint rule of this process has fired."""
        fired = self._folder / f"{managed.name}.rules.fired"
        return len(fired.read_text().splitlines()) if fired.exists() else 0

    def stop(self, number: signal.Signals = signal.SIGTERM, grace_seconds: float = 20) -> None:
        """End all processes; those that take longer than the grace period are killed."""
        running = [managed.process for managed in self.all if managed.process is not None]
        for managed in self.all:
            managed.signal(signal.SIGCONT)
            managed.signal(number)
        deadline = time.monotonic() + grace_seconds
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _rules_file(self, managed: ManagedProcess) -> Path:
        return self._folder / f"{managed.name}.rules"

    def _build_environment(self, managed: ManagedProcess) -> dict[str, str]:
        """Without the SEEDWIRE_ settings of the shell that started the run."""
        environment = {}
        for name, value in os.environ.items():
            if not name.startswith("SEEDWIRE_"):
                environment[name] = value
        return {
            **environment,
            **self._environment,
            "SEEDWIRE_INSTANCE": f"faults-{managed.name}",
            "SEEDWIRE_FAILPOINTS": f"@{self._rules_file(managed)}",
            "SEEDWIRE_FAILPOINTS_SEED": f"{self._seed} {managed.name} {len(managed.exit_codes)}",
        }
