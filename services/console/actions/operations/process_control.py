"""Starts and stops the supervisor, which runs the services and the embedded broker."""

import os
import signal
import subprocess
import sys
import time
from typing import Final

from services.console.supervisor.process_plan import Plan
from services.console.supervisor.state_dir import (
    StateDir,
    last_line,
    read_if_exists,
)
from shared.errors import DependencyUnavailable, SeedwireError

# A busy machine needs a second of CPU for each process, and a consumer group some seconds to form.
START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 60.0
CHECK_INTERVAL: Final = 0.05  # seconds


def request_plan(state_dir: StateDir, plan: Plan) -> int | None:
    """Save the plan and have a running supervisor apply it.

    Returns the supervisor's process id, or None if none runs.
    """
    pid = state_dir.supervisor_pid()
    state_dir.save_plan(plan)
    if pid is not None:
        os.kill(pid, signal.SIGHUP)
    return pid


def start_supervisor(state_dir: StateDir) -> int:
    """Start a supervisor in a session of its own, for the saved plan. Returns its process id.

    Does not wait until the services are ready.
    """
    state_dir.create()
    with state_dir.supervisor_log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.console.supervisor"],
            env={**os.environ, "SEEDWIRE_HOME": str(state_dir.path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid


def wait_until_ready(state_dir: StateDir, plan: Plan, pid: int) -> None:
    """Block until every process of *plan* works; *pid* is the supervisor's.

    Raises SeedwireError as soon as that will not happen, or DependencyUnavailable after 90 s.
    """
    deadline = time.monotonic() + START_SECONDS
    while not state_dir.is_ready(plan):
        _require_progress(state_dir, plan, pid)
        if time.monotonic() > deadline:
            raise DependencyUnavailable(
                f"the services are not ready after {START_SECONDS:g} s: see `seedwire status` and "
                f"the logs in {state_dir.log_dir}"
            )
        time.sleep(CHECK_INTERVAL)


def stop_supervisor(state_dir: StateDir, pid: int) -> None:
    """Stop the supervisor and everything that it started; block until it ended.

    Raises SeedwireError if it does not end in time.
    """
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while state_dir.supervisor_pid() is not None:
        if time.monotonic() > deadline:
            raise SeedwireError(
                f"the supervisor, process {pid}, did not stop within {STOP_SECONDS:g} s: see "
                f"{state_dir.supervisor_log}"
            )
        time.sleep(CHECK_INTERVAL)


def _require_progress(state_dir: StateDir, plan: Plan, pid: int) -> None:
    """Raises SeedwireError if the plan will not become ready."""
    if not _is_alive(pid):
        raise SeedwireError(f"the supervisor ended: {last_line(state_dir.supervisor_log)}")
    if state_dir.load_plan().id != plan.id:
        raise SeedwireError(
            "another `seedwire up` replaced this plan meanwhile: `seedwire status` shows what runs"
        )
    problem = read_if_exists(state_dir.problem_file)
    if problem:
        raise SeedwireError(f"{problem}; the other processes run on: `seedwire down` stops them")


def _is_alive(pid: int) -> bool:
    """Whether the process lives. If it is a child of ours that ended, its entry is removed."""
    try:
        ended_pid, _ = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        ended_pid = 0  # it is not our child
    if ended_pid == pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
