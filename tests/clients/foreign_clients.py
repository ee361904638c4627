"""Kafka clients of other teams: what each needs, how it is installed, how it reads a topic."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.command_runner import run_command

HERE: Final = Path(__file__).parent
INSTALLED: Final = HERE.parents[1] / ".engines" / "clients"
_INSTALL_SECONDS: Final = 600  # Go compiles its client, Maven fetches 43 MB
# The console consumer knows no ends: it stops when nothing comes for so long. On a machine with a
# load of 30, five seconds were over before the JVM had joined its group.
_JAVA_IDLE_MS: Final = 20_000


@dataclass(frozen=True)
class ForeignClient:
    """A program that prints KEY<TAB>VALUE for each record of a topic, from its beginning on."""

    name: str
    programs: Sequence[str]  # that must be on the PATH
    install: Callable[[], None]
    build_command: Callable[[str, str, str], list[str]]  # from the address, the topic, the group

    def find_missing(self) -> str:
        """A sentence about what it lacks on this machine, or nothing."""
        missing = [program for program in self.programs if shutil.which(program) is None]
        if missing:
            return f"{self.name} IS NOT TESTED: there is no {' and no '.join(missing)} here"
        if self.name == "confluent-kafka" and find_spec("confluent_kafka") is None:
            return f"{self.name} IS NOT TESTED: it is not installed (make test-clients does that)"
        return ""


def _do_nothing() -> None:
    """The program is there, or it is not."""


def _install_node() -> None:
    folder = INSTALLED / "node"
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256((HERE / "node" / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "installed"
    for file in (HERE / "node").iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    if stamp.exists() and stamp.read_text() == digest:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    run_command(command, cwd=folder, seconds=_INSTALL_SECONDS)
    stamp.write_text(digest)


def _install_go() -> None:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    command = ["go", "build", "-mod=readonly", "-o", str(INSTALLED / "franz-go"), "."]
    run_command(command, cwd=HERE / "go", seconds=_INSTALL_SECONDS)


def _install_java() -> None:
    folder = INSTALLED / "java"
    if folder.is_dir():
        return
    unfinished = INSTALLED / f"java.{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    shutil.rmtree(unfinished, ignore_errors=True)
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    command = ["mvn", "--quiet", "--batch-mode", *goal, f"-DoutputDirectory={unfinished}"]
    run_command(command, cwd=HERE / "java", seconds=_INSTALL_SECONDS)
    unfinished.rename(folder)


def _node(program: str) -> Callable[[str, str, str], list[str]]:
    path = str(INSTALLED / "node" / program)
    return lambda address, topic, group: ["node", path, address, topic, group]


def _java(address: str, topic: str, group: str) -> list[str]:
    return [
        "java",
        "-cp",
        str(INSTALLED / "java" / "*"),
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        *("--bootstrap-server", address, "--topic", topic, "--group", group),
        *("--from-beginning", "--timeout-ms", str(_JAVA_IDLE_MS)),
        *("--formatter-property", "print.key=true"),
    ]


def _kcat(address: str, topic: str, _group: str) -> list[str]:
    # Without a group: kcat leaves one at the end only if it is told each partition.
    read_to_the_end = ["-C", "-q", "-e", "-o", "beginning"]
    return ["kcat", "-b", address, "-t", topic, *read_to_the_end, "-Z", "-f", r"%k\t%s\n"]


CLIENTS: Final = (
    ForeignClient("kafkajs", ("node", "npm"), _install_node, _node("kafkajs.js")),
    ForeignClient("@platformatic/kafka", ("node", "npm"), _install_node, _node("platformatic.js")),
    ForeignClient(
        "franz-go",
        ("go",),
        _install_go,
        lambda *arguments: [str(INSTALLED / "franz-go"), *arguments],
    ),
    ForeignClient(
        "confluent-kafka",
        (),
        _do_nothing,
        lambda *arguments: [sys.executable, str(HERE / "confluent.py"), *arguments],
    ),
    ForeignClient("kafka-console-consumer", ("java", "mvn"), _install_java, _java),
    ForeignClient("kcat", ("kcat",), _do_nothing, _kcat),
)
