"""Brings the jars of the test engines out of Maven's repository, once per version of pom.xml and Launch.java."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.child_process import leashed
from deploy.embedded.errors import EngineMissing, FetchFailed
from tests.engines import jvm

HERE = Path(__file__).parent
DEFAULT_TARGET = HERE.parents[1] / ".engines"
_SOURCES = ("pom.xml", "Launch.java")
_PATIENCE = 900  # seconds for Maven: 65 MB over a slow line
_LAST_WORDS = 2_000


def available() -> str | None:
    """None when the test engines can be had on this machine, otherwise a sentence about what is missing."""
    tools = [tool for tool in ("javac", "mvn") if shutil.which(tool) is None]
    return jvm.missing() or (f"there is no {' and no '.join(tools)} on the PATH" if tools else None)


def fetch(target: Path = DEFAULT_TARGET, say: Callable[[str], None] | None = None) -> Path:
    """The folder with the jars and our launcher, under *target*; made unless it is there.

    Blocks: some seconds, or a minute when everything must be downloaded, and while another process fetches. Safe to
    kill: the folder gets its name only when it is complete. Raises EngineMissing and FetchFailed.
    """
    folder = target.absolute() / f"jars-{_stamp()}"
    if not folder.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not folder.is_dir():  # another process may just have made it
                _make(folder, say or _to_stderr)
    return folder


def _stamp() -> str:
    content = b"".join((HERE / name).read_bytes() for name in _SOURCES)
    return hashlib.sha256(content).hexdigest()[:12]


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One process at a time; the lock goes with the process, however it ends."""
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path, say: Callable[[str], None]) -> None:
    lack = available()
    if lack:
        raise EngineMissing(lack)
    for left in folder.parent.glob("part-*"):  # of a fetch that was killed: we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-") as part:
        made = Path(part) / "made"
        say("fetching Apache Kafka and mongo-java-server with Maven (65 MB the first time)")
        _copy_jars(made)
        say("compiling the launcher of mongo-java-server")
        _compile(made)
        made.rename(folder)
    say(f"the test engines are in {folder}")


def _copy_jars(into: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    _run(["mvn", "--quiet", "--batch-mode", "--file", str(HERE / "pom.xml"), *goal])


def _compile(folder: Path) -> None:
    release = ["--release", str(jvm.WANTED)]
    _run(
        ["javac", *release, "-cp", str(folder / "*"), "-d", str(folder), str(HERE / "Launch.java")]
    )


def _run(command: list[str]) -> None:
    try:
        subprocess.run(
            leashed(command), check=True, capture_output=True, text=True, timeout=_PATIENCE
        )
    except subprocess.CalledProcessError as error:
        words = (error.stdout + error.stderr)[-_LAST_WORDS:]
        raise FetchFailed(
            f"`{command[0]}` failed with code {error.returncode}:\n{words}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise FetchFailed(f"`{command[0]}` was not done after {_PATIENCE} s") from error


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
