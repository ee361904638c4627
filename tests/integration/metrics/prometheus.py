"""A real Prometheus for tests: Debian's package `prometheus`, where it is installed."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.embedded.ports import find_free_port


def require_program(name: str) -> str:
    """The path of `prometheus` or `promtool`; skips the test if it is not installed."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install prometheus)")
    return path


class Prometheus:
    """A running one."""

    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that *expression* returns now."""
        response = httpx.get(f"{self._url}/api/v1/query", params={"query": expression}, timeout=60)
        body = response.json()
        assert body["status"] == "success", f"{expression}: {body}"
        found: list[dict[str, Any]] = body["data"]["result"]
        return found

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready", timeout=60).is_success
        except httpx.TransportError:
            return False


@contextmanager
def start_prometheus(folder: Path, scrape_configs: Sequence[Any]) -> Iterator[Prometheus]:
    """It scrapes every second."""
    program = require_program("prometheus")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [*scrape_configs],
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{find_free_port()}"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield Prometheus(f"http://{address}")
        finally:
            process.terminate()
            process.wait(20)
