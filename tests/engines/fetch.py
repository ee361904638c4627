"""Brings the jars of the test engines from Maven's repository.

They are fetched once for each version of pom.xml and Launch.java.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.embedded.child_process import tie_to_parent
from deploy.embedded.errors import EngineMissing
from tests.engines import jvm
from tests.engines.errors import FetchFailed

HERE: Final = Path(__file__).parent
DEFAULT_TARGET: Final = HERE.parents[1] / ".engines"
_SOURCES: Final = ("pom.xml", "Launch.java")
_MAVEN_SECONDS: Final = 900  # 65 MB over a slow line
_OUTPUT_CHARACTERS: Final = 2_000


def find_missing_tools() -> str | None:
    """None if the test engines can run here, otherwise a sentence about what is missing."""
    missing_java = jvm.find_missing_java()
    if missing_java is not None:
        return missing_java
    missing = [tool for tool in ("javac", "mvn") if shutil.which(tool) is None]
    if missing:
        return f"there is no {' and no '.join(missing)} on the PATH"
    return None


def fetch_jars(target: Path = DEFAULT_TARGET, say: Callable[[str], None] | None = None) -> Path:
    """The folder with the jars and the launcher, under *target*; fetched unless it is there.

    Blocks for some seconds, for a minute when everything must be downloaded, and while another
    process fetches. Safe to kill: the folder gets its name only when it is complete. Raises
    EngineMissing and FetchFailed.
    """
    folder = target.absolute() / f"jars-{_digest_sources()}"
    if not folder.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        with _lock(target):
            if not folder.is_dir():  # another process may just have fetched it
                _fetch(folder, say or _print_to_stderr)
    return folder


def _digest_sources() -> str:
    content = b"".join((HERE / name).read_bytes() for name in _SOURCES)
    return hashlib.sha256(content).hexdigest()[:12]


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    """One process at a time. The lock ends with the process, however the process ends."""
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, say: Callable[[str], None]) -> None:
    missing = find_missing_tools()
    if missing:
        raise EngineMissing(missing)
    for leftover in folder.parent.glob("part-*"):  # of a fetch that was killed: we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="part-") as part:
        unfinished = Path(part) / "jars"
        say("fetching Apache Kafka and mongo-java-server with Maven (65 MB the first time)")
        _copy_jars(unfinished)
        say("compiling the launcher of mongo-java-server")
        _compile_launcher(unfinished)
        unfinished.rename(folder)
    say(f"the test engines are in {folder}")


def _copy_jars(into: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}"]
    _run(["mvn", "--quiet", "--batch-mode", "--file", str(HERE / "pom.xml"), *goal])


def _compile_launcher(folder: Path) -> None:
    options = ["--release", str(jvm.REQUIRED_VERSION), "-cp", str(folder / "*"), "-d", str(folder)]
    _run(["javac", *options, str(HERE / "Launch.java")])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(
            tie_to_parent(command),
            check=True,
            capture_output=True,
            text=True,
            timeout=_MAVEN_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        output = (error.stdout + error.stderr)[-_OUTPUT_CHARACTERS:]
        raise FetchFailed(
            f"`{command[0]}` failed with code {error.returncode}:\n{output}"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise FetchFailed(f"`{command[0]}` was not done after {_MAVEN_SECONDS} s") from error


def _print_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
