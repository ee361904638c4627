"""The newsroom of the compose file, as its reader brings it up."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.conftest import ROOT
from tests.deploy.engine import Engine
from tests.deploy.images import COMPOSE
from tests.settled_audit import audit_when_settled
from tests.waiting import wait_until

SERVICES: Final = tuple(name for name in COMPOSE["services"] if name != "seedwire")
ENGINES: Final = ("kafka", "mongo")
OURS: Final = tuple(name for name in SERVICES if name not in ENGINES)
WORKERS: Final = ("ingest", "images", "related", "publishing")
UP_SECONDS: Final = 900
SETTLE_SECONDS: Final = 900
HOST: Final = {
    "SEEDWIRE_KAFKA": "localhost:9092",
    "SEEDWIRE_STORE": "mongodb://localhost:27017/seedwire",
}


class Newsroom:
    """The containers of one compose project. *env_file* is the `.env` of its reader."""

    def __init__(self, engine: Engine, compose: Path, env_file: Path) -> None:
        self.engine = engine
        self._compose = compose
        self._env_file = env_file
        env_file.write_text(
            f"COMPOSE_PROFILES=console\nSEEDWIRE_CONSOLE_TOKEN={os.urandom(16).hex()}\n"
        )

    def compose(self, *arguments: str, seconds: float = 300, stdin: str = "") -> str:
        command = [str(self._compose), "--env-file", str(self._env_file), *arguments]
        return self.engine.run(command, cwd=ROOT, seconds=seconds, stdin=stdin)

    def up(self, **replicas: int) -> None:
        """As the README: write the replicas into `.env`, and bring everything up."""
        with self._env_file.open("a") as file:
            for service, number in replicas.items():
                file.write(f"SEEDWIRE_{service.upper()}_REPLICAS={number}\n")
        self.compose("up", "--detach", "--wait", seconds=UP_SECONDS)

    def seedwire(
        self, *arguments: str, mounts: Mapping[Path, str] | None = None, stdin: str = ""
    ) -> str:
        """Run the command in a container of its own; returns what it printed."""
        options = [f"--volume={source}:{target}:ro" for source, target in (mounts or {}).items()]
        command = ["run", "--rm", "--no-TTY", *options, "seedwire", *arguments]
        return self.compose(*command, stdin=stdin)

    def seedwire_on_host(self, *arguments: str) -> str:
        """Run the command of the clone, which reaches the engines at localhost."""
        command = [str(ROOT / ".venv/bin/seedwire"), *arguments]
        return self.engine.run(command, cwd=ROOT, environment=HOST, seconds=SETTLE_SECONDS + 60)

    def list_containers(self, *services: str) -> list[str]:
        return self.compose("ps", "--all", "--quiet", *services).split()

    def inspect(self, service: str) -> list[dict[str, Any]]:
        return [self.engine.inspect(container) for container in self.list_containers(service)]

    def find_health(self) -> dict[str, list[str]]:
        """The states of every service's containers."""
        health: dict[str, list[str]] = {}
        for service in SERVICES:
            states = [description["State"] for description in self.inspect(service)]
            health[service] = [state.get("Health", {}).get("Status", "") for state in states]
        return health

    def wait_until_healthy(self, *services: str) -> None:
        def is_healthy() -> bool:
            health = self.find_health()
            return all(
                health[service] and set(health[service]) == {"healthy"}
                for service in services or SERVICES
            )

        wait_until(is_healthy, lambda: f"these are not healthy: {self.find_health()}")

    def count_published(self) -> int:
        published = self.seedwire_on_host("list", "--published", "--json").splitlines()
        return len([line for line in published if json.loads(line)])

    def audit(self) -> None:
        """Wait until nothing is pending; then no promise may be broken."""
        audit_when_settled(self.seedwire_on_host, SETTLE_SECONDS)
