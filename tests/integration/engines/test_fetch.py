"""Fetching, with stand-ins for java, javac and mvn: no network, no Java."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded.errors import EngineMissing
from tests.engines.errors import FetchFailed
from tests.engines.fetch import fetch_jars, find_missing_tools

JAVA = """echo 'openjdk version "17.0.1"' >&2"""
MVN = """
echo called >> "$CALLS"
for argument; do case "$argument" in -DoutputDirectory=*) into="${argument#*=}";; esac; done
mkdir -p "$into" && touch "$into/kafka.jar"
"""
Tools = Callable[..., Path]
needs_sh = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")
pytestmark = [pytest.mark.embedded, needs_sh]


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Puts programs of these names and bodies on the PATH; returns the file with mvn's calls."""

    def install(**bodies: str) -> Path:
        folder = tmp_path / "tools"
        folder.mkdir()
        for name, body in bodies.items():
            (folder / name).write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
        return tmp_path / "calls"

    return install


def start_fetch(target: Path) -> "subprocess.Popen[bytes]":
    imports = "from pathlib import Path; from tests.engines.fetch import fetch_jars"
    program = f"{imports}; fetch_jars(Path({str(target)!r}))"
    root = Path(__file__).parents[3]
    return subprocess.Popen([sys.executable, "-c", program], cwd=root, stderr=subprocess.DEVNULL)


class TestFindMissingTools:
    def test_with_all_three_nothing_is_missing(self, tools: Tools) -> None:
        tools(java=JAVA, javac="", mvn="")
        assert find_missing_tools() is None

    def test_without_java(self, tools: Tools) -> None:
        tools(javac="", mvn="")
        assert find_missing_tools() == "there is no Java 17 (or newer) on the PATH"

    def test_with_an_old_java(self, tools: Tools) -> None:
        tools(java="""echo 'openjdk version "11.0.2"' >&2""", javac="", mvn="")
        assert find_missing_tools() == "Java 17 or newer is needed, and `java` is 11"

    def test_with_a_java_that_only_says_where_to_get_one(self, tools: Tools) -> None:
        tools(java="echo 'Unable to locate a Java Runtime.' >&2; exit 1", javac="", mvn="")
        assert find_missing_tools() == "there is no Java 17 (or newer) on the PATH"

    def test_without_the_compiler_and_maven(self, tools: Tools) -> None:
        tools(java=JAVA)
        assert find_missing_tools() == "there is no javac and no mvn on the PATH"


class TestFetch:
    def test_the_second_time_nothing_is_fetched(self, tools: Tools, tmp_path: Path) -> None:
        calls = tools(java=JAVA, javac="", mvn=MVN)
        lines: list[str] = []
        first = fetch_jars(tmp_path / "engines", lines.append)
        assert fetch_jars(tmp_path / "engines", lines.append) == first
        assert [file.name for file in first.iterdir()] == ["kafka.jar"]
        assert calls.read_text() == "called\n"
        assert len(lines) == 3

    def test_a_failure_leaves_nothing_and_carries_mavens_output(
        self, tools: Tools, tmp_path: Path
    ) -> None:
        tools(java=JAVA, javac="", mvn="echo 'Could not transfer artifact'; exit 1")
        with pytest.raises(FetchFailed, match="Could not transfer artifact"):
            fetch_jars(tmp_path / "engines", lambda _: None)
        assert [file.name for file in (tmp_path / "engines").iterdir()] == [".lock"]

    def test_without_maven_it_says_so(self, tools: Tools, tmp_path: Path) -> None:
        tools(java=JAVA, javac="")
        with pytest.raises(EngineMissing, match="there is no mvn on the PATH"):
            fetch_jars(tmp_path / "engines", lambda _: None)

    def test_two_processes_fetch_once(self, tools: Tools, tmp_path: Path) -> None:
        calls = tools(java=JAVA, javac="", mvn=f"sleep 0.3\n{MVN}")
        processes = [start_fetch(tmp_path / "engines") for _ in range(2)]
        assert [process.wait(120) for process in processes] == [0, 0]
        assert calls.read_text() == "called\n"

    def test_the_leftovers_of_a_killed_fetch_do_not_count_and_are_removed(
        self, tools: Tools, tmp_path: Path
    ) -> None:
        calls = tools(java=JAVA, javac="exec sleep 600", mvn=MVN)
        killed = start_fetch(tmp_path / "engines")
        while not calls.exists():
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        (tmp_path / "tools" / "javac").write_text("#!/bin/sh\n")
        folder = fetch_jars(tmp_path / "engines", lambda _: None)
        assert {file.name for file in (tmp_path / "engines").iterdir()} == {".lock", folder.name}
