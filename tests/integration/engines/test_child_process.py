"""A child process from its start to its end, with children that are small Python programs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.child_process import ChildProcess
from deploy.embedded.errors import EngineDied, EngineError, EngineNotReady
from tests.waiting import ANY_SECONDS

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('here', flush=True); time.sleep(600)"
)
Start = Callable[[str], ChildProcess]

pytestmark = pytest.mark.embedded


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a child that runs a line of Python and is ready when it has printed `here`."""
    children: list[ChildProcess] = []

    def start_child(program: str) -> ChildProcess:
        child = ChildProcess(
            "a child",
            [sys.executable, "-c", program],
            tmp_path / "log",
            lambda: "here" in child.output(),
        )
        children.append(child)
        child.start()
        return child

    yield start_child
    for child in children:
        child.kill()


def test_a_child_is_ready_when_it_answers(start: Start) -> None:
    child = start("import time; print('here', flush=True); time.sleep(600)")
    child.wait_until_ready(ANY_SECONDS)
    assert child.is_alive
    child.terminate()
    assert not child.is_alive
    assert child.exit_code == -15


def test_a_child_that_ends_early_leaves_its_last_output(start: Start) -> None:
    child = start("print('no disk'); raise SystemExit(3)")
    with pytest.raises(EngineDied, match=r"a child ended by itself with code 3[\s\S]*no disk"):
        child.wait_until_ready(ANY_SECONDS)


def test_a_child_that_stays_silent_is_not_ready(start: Start) -> None:
    child = start("import time; time.sleep(600)")
    with pytest.raises(EngineNotReady, match=r"a child was not ready after 0\.2 s"):
        child.wait_until_ready(0.2)


def test_a_child_that_ignores_sigterm_is_killed(start: Start) -> None:
    child = start(STUBBORN)
    child.wait_until_ready(ANY_SECONDS)
    child.terminate(timeout=0.1)
    assert child.exit_code == -9


def test_a_child_does_not_start_twice(start: Start) -> None:
    child = start(STUBBORN)
    with pytest.raises(EngineError, match="runs already"):
        child.start()


def test_the_output_is_that_of_the_latest_start(start: Start) -> None:
    child = start("import os; print('here', os.getpid())")
    while child.is_alive:
        time.sleep(0.01)
    child.start()
    while child.is_alive:
        time.sleep(0.01)
    assert child.output() == f"here {child.pid}\n"
    assert child.log.read_text().count("here") == 2


def test_a_child_that_never_started_can_be_ended(tmp_path: Path) -> None:
    child = ChildProcess("a child", ["true"], tmp_path / "log", lambda: True)
    child.terminate()
    child.kill()
    assert not child.is_alive
    assert child.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_command_whose_parent_is_gone_does_not_run() -> None:
    wrapper = Path(__file__).parents[3] / "deploy" / "embedded" / "parent_death.py"
    command = [sys.executable, "-I", str(wrapper), "1", sys.executable, "-c", "print('ran')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
