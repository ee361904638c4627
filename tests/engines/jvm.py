"""Java: which one is here, and how a class is run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy.embedded.errors import EngineMissing

WANTED = 17  # what Kafka 4's broker is built for
# Quick and small rather than fast for long: with the first compiler alone Kafka starts in 2.7 s, not 3.7 s
_LIGHT = ("-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


def missing() -> str | None:
    """None, or a sentence about what there is instead of Java 17."""
    found = _version()
    if found is None:
        return f"there is no Java {WANTED} (or newer) on the PATH"
    return None if found >= WANTED else f"Java {WANTED} or newer is needed, and `java` is {found}"


def run_class(
    libs: Path, name: str, *arguments: str, heap: str, options: tuple[str, ...] = ()
) -> list[str]:
    """The command that runs class *name* out of the fetched *libs*. Raises EngineMissing without java."""
    java = shutil.which("java")
    if java is None:
        raise EngineMissing(f"there is no Java {WANTED} (or newer) on the PATH")
    classes = f"{libs}{os.pathsep}{libs / '*'}"
    fixed = (f"-Xmx{heap}", *_LIGHT, "-Djava.net.preferIPv4Stack=true")
    return [java, *fixed, *options, "-cp", classes, name, *arguments]


def _version() -> int | None:
    java = shutil.which("java")
    if java is None:
        return None
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else None
