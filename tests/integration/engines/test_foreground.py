"""`python -m tests.engines` prints a line when ready, ends on a signal, and leaves no orphan."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import ANY_SECONDS

Run = Callable[..., "subprocess.Popen[str]"]
ROOT = Path(__file__).parents[3]
needs_embedded_broker = pytest.mark.embedded
needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux ends a child with its parent"
)


@pytest.fixture
def run() -> Iterator[Run]:
    with ExitStack() as stack:

        def start(*arguments: str) -> "subprocess.Popen[str]":
            command = [sys.executable, "-m", "tests.engines", *arguments]
            pipe = subprocess.PIPE
            child = subprocess.Popen(command, cwd=ROOT, text=True, stdout=pipe, stderr=pipe)
            stack.enter_context(child)
            stack.callback(child.kill)
            return child

        yield start


def read_description(child: "subprocess.Popen[str]") -> dict[str, Any]:
    assert child.stdout
    line = child.stdout.readline()
    assert line, child.communicate()[1]
    return dict(json.loads(line))


def is_listening(address: str) -> bool:
    host, port = address.removeprefix("mongodb://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def is_gone(address: str) -> bool:
    """Whether soon nothing listens there any more."""
    deadline = time.monotonic() + ANY_SECONDS
    while is_listening(address) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_listening(address)


@needs_embedded_broker
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_engine(run: Run, number: signal.Signals) -> None:
    child = run("tansu")
    address = read_description(child)["kafka"]
    child.send_signal(number)
    assert child.wait(ANY_SECONDS) == 0
    assert not is_listening(address)


@needs_embedded_broker
@needs_linux
def test_an_engine_dies_with_a_parent_that_is_killed(run: Run, tmp_path: Path) -> None:
    child = run("tansu", "--dir", str(tmp_path))
    address = read_description(child)["kafka"]
    child.kill()
    assert is_gone(address)


@pytest.mark.real
@needs_linux
def test_a_java_engine_dies_with_a_parent_that_is_killed(
    run: Run, jars: Path, tmp_path: Path
) -> None:
    child = run("mongo", "--dir", str(tmp_path))
    address = read_description(child)["store"]
    child.kill()
    assert is_gone(address)


@needs_embedded_broker
def test_a_taken_port_is_one_sentence_and_exit_code_1(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        child = run("tansu", "--port", str(port))
        out, err = child.communicate(timeout=ANY_SECONDS)
    assert (child.returncode, out) == (1, "")
    assert err == f"port {port} of 127.0.0.1 cannot be used: Address already in use\n"


@needs_embedded_broker
@needs_linux
def test_an_engine_that_ends_by_itself_ends_the_command(run: Run) -> None:
    child = run("tansu")
    subprocess.run(["kill", "-9", str(read_description(child)["pid"])], check=True)
    assert child.wait(ANY_SECONDS) == 1
    assert child.stderr
    assert "tansu ended by itself with code -9" in child.stderr.read()


@pytest.mark.real
def test_fetch_prints_the_folder(run: Run, jars: Path) -> None:
    out, _ = run("fetch").communicate(timeout=ANY_SECONDS)
    assert Path(out.strip()) == jars
