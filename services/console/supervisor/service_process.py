"""One supervised process: how it is started, and when it is started again after it ended."""

import os
import subprocess
import sys
import time
from typing import Final

from deploy.embedded.child_process import tie_to_parent
from services.console.supervisor.process_plan import MODULES, number_of, service_of
from services.console.supervisor.state_dir import StateDir
from shared.runtime import exit_codes

# Seconds before a process that ended is started again; doubled each time. The longest is short,
# because a process that ended during an outage must be back soon after it.
FIRST_BACKOFF: Final = 0.5
LONGEST_BACKOFF: Final = 10.0
ALARMING_BACKOFF: Final = 2.0  # a backoff longer than this follows three deaths in a row
STEADY_SECONDS: Final = 30.0  # a process that lived that long starts with the first backoff again
PERMANENT_FAILURES: Final = (
    exit_codes.WRONG_SETTINGS,
    exit_codes.HALTED,
)  # exit codes: no restart helps
NEVER: Final = float("inf")


class ServiceProcess:
    """A service process under a name that it keeps across restarts.

    With *has_metrics* it serves its health pages at a free port, and says where in the state
    directory.
    """

    def __init__(self, name: str, state_dir: StateDir, has_metrics: bool = False) -> None:
        self.name = name
        self._has_metrics = has_metrics
        self.log_file = state_dir.log_file(name)
        self.exit_code: int | None = None  # of the latest run that ended
        self._state_dir = state_dir
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._backoff = FIRST_BACKOFF
        self._start_at = 0.0

    @property
    def pid(self) -> int:
        """The process id, or 0 while there is no process."""
        return self._process.pid if self._process else 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def should_start(self) -> bool:
        return not self.is_running and time.monotonic() >= self._start_at

    @property
    def has_given_up(self) -> bool:
        """Whether it ended for a reason that no restart can help."""
        return self._start_at == NEVER

    @property
    def is_failing(self) -> bool:
        """Whether an operator should hear of it: it gave up, or ended three times in a row."""
        return self.has_given_up or self._backoff > ALARMING_BACKOFF

    def start(self) -> None:
        """Start the process without waiting for it. It appends its output to its log file."""
        module = MODULES[service_of(self.name)]
        self._state_dir.health_file(self.name).unlink(missing_ok=True)
        with self.log_file.open("ab") as output:
            self._process = subprocess.Popen(
                tie_to_parent([sys.executable, "-m", module]),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def notice_exit(self) -> bool:
        """Schedule the next start if the process ended since the last call. Says whether it did."""
        if self._process is None or self.is_running:
            return False
        self.exit_code = self._process.returncode
        self._process = None
        self._schedule_restart(self.exit_code)
        return True

    def restart_at_once(self) -> None:
        """Make a stopped process due, whatever its backoff."""
        self._process = None
        self._start_at = 0.0

    def terminate(self) -> None:
        """Ask the process to stop. Does not wait."""
        if self._process is not None and self.is_running:
            self._process.terminate()

    def wait_until_stopped(self, deadline: float) -> bool:
        """Wait until the process ended; kill it at *deadline*. Returns whether it had to."""
        if self._process is None:
            return False
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return True
        return False

    def _schedule_restart(self, exit_code: int) -> None:
        now = time.monotonic()
        if now - self._started_at > STEADY_SECONDS:
            self._backoff = FIRST_BACKOFF
        else:
            self._backoff = min(2 * self._backoff, LONGEST_BACKOFF)
        self._start_at = now + self._backoff
        if exit_code in PERMANENT_FAILURES:
            self._start_at = NEVER

    def _environment(self) -> dict[str, str]:
        own = {
            "SEEDWIRE_HOME": str(self._state_dir.path),
            "SEEDWIRE_INSTANCE": f"{self._state_dir.instance_prefix}-{number_of(self.name)}",
        }
        if self._has_metrics:
            own["SEEDWIRE_HEALTH_PORT"] = "0"
            own["SEEDWIRE_HEALTH_FILE"] = str(self._state_dir.health_file(self.name))
        return {**os.environ, **own}
