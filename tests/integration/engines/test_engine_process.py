"""A child process from its start to its end, with children that are small Python programs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.embedded.child_process import Engine
from deploy.embedded.errors import EngineDied, EngineError, NotReady

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
Start = Callable[[str], Engine]

pytestmark = pytest.mark.embedded


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a child that runs a line of Python and is ready when it has printed `here`."""
    engines: list[Engine] = []

    def one(program: str) -> Engine:
        engine = Engine(
            "a child",
            [sys.executable, "-c", program],
            tmp_path / "log",
            lambda: "here" in engine.output(),
        )
        engines.append(engine)
        engine.start()
        return engine

    yield one
    for engine in engines:
        engine.kill()


def test_it_is_ready_when_it_answers(start: Start) -> None:
    engine = start("import time; print('here', flush=True); time.sleep(60)")
    engine.wait_ready(10)
    assert engine.alive
    engine.terminate()
    assert not engine.alive
    assert engine.exit_code == -15


def test_one_that_ends_early_leaves_its_last_words(start: Start) -> None:
    engine = start("print('no disk'); raise SystemExit(3)")
    with pytest.raises(EngineDied, match=r"a child ended by itself with code 3[\s\S]*no disk"):
        engine.wait_ready(10)


def test_one_that_stays_silent_is_not_ready(start: Start) -> None:
    engine = start("import time; time.sleep(60)")
    with pytest.raises(NotReady, match=r"a child was not ready after 0\.2 s"):
        engine.wait_ready(0.2)


def test_one_that_ignores_the_request_is_killed(start: Start) -> None:
    engine = start(STUBBORN)
    engine.wait_ready(10)
    engine.terminate(timeout=0.1)
    assert engine.exit_code == -9


def test_it_does_not_start_twice(start: Start) -> None:
    engine = start(STUBBORN)
    with pytest.raises(EngineError, match="runs already"):
        engine.start()


def test_the_output_is_that_of_the_latest_start(start: Start) -> None:
    engine = start("import os; print('here', os.getpid())")
    while engine.alive:
        time.sleep(0.01)
    engine.start()
    while engine.alive:
        time.sleep(0.01)
    assert engine.output() == f"here {engine.pid}\n"
    assert engine.log.read_text().count("here") == 2


def test_a_child_that_never_started_can_be_ended(tmp_path: Path) -> None:
    engine = Engine("a child", ["true"], tmp_path / "log", lambda: True)
    engine.terminate()
    engine.kill()
    assert not engine.alive
    assert engine.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_leash_whose_holder_is_gone_runs_nothing() -> None:
    leash = Path(__file__).parents[3] / "deploy" / "embedded" / "parent_death.py"
    command = [sys.executable, "-I", str(leash), "1", sys.executable, "-c", "print('ran')"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
