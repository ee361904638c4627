"""Whether the fetched test engines work here: each is started once and asked, and says its version."""

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy.embedded.errors import FetchFailed
from deploy.embedded.server import Server
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

_JARS = {"Apache Kafka": "kafka_2.13", "mongo-java-server": "mongo-java-server"}


def check(libs: Path, say: Callable[[str], None] = print) -> None:
    """A line for each engine that started. Raises EngineError for the first that does not. Blocks for some seconds."""
    for name, start in _engines(libs).items():
        with tempfile.TemporaryDirectory(prefix="seedwire-") as folder:
            began = time.monotonic()
            with start(Path(folder)):
                say(
                    f"{name} {version(libs, _JARS[name])}: ready after {time.monotonic() - began:.1f} s"
                )


def version(libs: Path, artifact: str) -> str:
    """The version of the jar of *artifact* in *libs*. Raises FetchFailed when there is none."""
    for jar in libs.glob(f"{artifact}-*.jar"):
        if found := re.fullmatch(rf"{re.escape(artifact)}-(\d[\w.]*)\.jar", jar.name):
            return found[1]
    raise FetchFailed(
        f"there is no jar of {artifact} in {libs}: remove that folder and fetch again"
    )


def _engines(libs: Path) -> dict[str, Callable[[Path], Server]]:
    return {
        "Apache Kafka": lambda folder: KafkaCluster(libs, folder),
        "mongo-java-server": lambda folder: MongoStandIn(libs, folder),
    }
