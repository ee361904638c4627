"""Java: which version is installed, and how a class is run."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.embedded.errors import EngineMissing

REQUIRED_VERSION: Final = 17  # Kafka 4's broker is built for it
_NO_JAVA: Final = f"there is no Java {REQUIRED_VERSION} (or newer) on the PATH"
# A quick start matters more than speed later: with the first compiler alone Kafka starts in 2.7 s
# instead of 3.7 s.
_OPTIONS: Final = (
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.net.preferIPv4Stack=true",
)


def find_missing_java() -> str | None:
    """None, or a sentence about what there is instead of Java 17."""
    version = _find_version()
    if version is None:
        return _NO_JAVA
    if version < REQUIRED_VERSION:
        return f"Java {REQUIRED_VERSION} or newer is needed, and `java` is {version}"
    return None


def build_command(
    jars: Path, name: str, *arguments: str, heap: str, options: tuple[str, ...] = ()
) -> list[str]:
    """The command that runs class *name* from the fetched *jars*. Raises EngineMissing."""
    java = shutil.which("java")
    if java is None:
        raise EngineMissing(_NO_JAVA)
    class_path = f"{jars}{os.pathsep}{jars / '*'}"
    return [java, f"-Xmx{heap}", *_OPTIONS, *options, "-cp", class_path, name, *arguments]


def _find_version() -> int | None:
    java = shutil.which("java")
    if java is None:
        return None
    process = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', process.stderr)
    return int(match[1]) if match else None
