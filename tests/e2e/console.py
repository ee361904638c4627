"""The command `seedwire` as an operator runs it, and what tests do with it."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

SEED = """---
title: "{0}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{0}"
quality: 80
---
"""

COMMAND_TIMEOUT = 280  # seconds; below pytest's, so that a failure shows the command's output
DEADLINE = 180.0  # seconds: on a busy machine, four processes take long to start


class Console:
    """`seedwire` in a state directory of its own."""

    def __init__(self, state_dir: Path, engines: dict[str, str]) -> None:
        self.state_dir = state_dir
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")
        }
        self.environment = {
            **inherited,
            **engines,
            "SEEDWIRE_HOME": str(state_dir),
            "SEEDWIRE_BROKER_PORT": "0",
        }

    def __call__(
        self, *arguments: str, text: str | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command; *text* is its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "services.console", *arguments],
            cwd=ROOT,
            env={**self.environment, "SEEDWIRE_PAGES": "off", **settings},
            input=text,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )

    def json(self, *arguments: str, **settings: str) -> list[dict[str, Any]]:
        """Run a command with --json; the objects that it printed."""
        output = self(*arguments, "--json", **settings).stdout
        return [json.loads(line) for line in output.splitlines()]

    def working_services(self) -> dict[str, dict[str, Any]]:
        """The working processes in `status`, by instance."""
        (status,) = self.json("status")
        working = [service for service in status["services"] if service["state"] == "working"]
        return {service["instance"]: service for service in working}

    def is_ready(self) -> bool:
        """Whether the supervisor reported that every service of its plan works."""
        return (self.state_dir / "run" / "ready").exists()

    def find_broker_pid(self) -> int:
        """The process id of the embedded broker, which only the gateway connects to."""
        command = Path(f"/proc/{self.find_gateway_pid()}/cmdline").read_text()
        (broker,) = re.findall(r"--broker=[^:\0]+:(\d+)", command)
        return _find_pid(f"tansu broker.*:{broker}")

    def find_gateway_pid(self) -> int:
        """The process id of the gateway, to which every Kafka client connects."""
        port = (self.state_dir / "run" / "kafka").read_text().rpartition(":")[2]
        return _find_pid(f"deploy.embedded.gateway.*--port={port}")


def _find_pid(pattern: str) -> int:
    found = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[0])


def wait_until(condition: Callable[[], bool], seconds: float = DEADLINE) -> None:
    """Wait until the condition holds; fail after that many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition did not hold within {seconds:g} s"
        time.sleep(0.2)
