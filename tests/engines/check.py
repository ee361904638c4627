"""Whether the fetched test engines work here: starts each once, and prints its version."""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.embedded.server import Server
from tests.engines.errors import FetchFailed
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

_ENGINES: Final[dict[str, tuple[str, Callable[[Path, Path], Server]]]] = {
    "Apache Kafka": ("kafka_2.13", KafkaCluster),
    "mongo-java-server": ("mongo-java-server", MongoStandIn),
}


def check_engines(jars: Path, say: Callable[[str], None] = print) -> None:
    """Say a line about each engine that started. Blocks for some seconds.

    Raises EngineError for the first that does not start.
    """
    for name, (artifact, build_server) in _ENGINES.items():
        with tempfile.TemporaryDirectory(prefix="seedwire-") as folder:
            began = time.monotonic()
            with build_server(jars, Path(folder)):
                seconds = time.monotonic() - began
                say(f"{name} {find_version(jars, artifact)}: ready after {seconds:.1f} s")


def find_version(jars: Path, artifact: str) -> str:
    """The version of the jar of *artifact*. Raises FetchFailed if there is none."""
    for jar in jars.glob(f"{artifact}-*.jar"):
        if match := re.fullmatch(rf"{re.escape(artifact)}-(\d[\w.]*)\.jar", jar.name):
            return match[1]
    raise FetchFailed(
        f"there is no jar of {artifact} in {jars}: remove that folder and fetch again"
    )
