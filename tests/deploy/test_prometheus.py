"""Prometheus beside the containers, with the configuration for them: it finds them all."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import ROOT
from tests.deploy.images import PROMETHEUS
from tests.deploy.newsroom import OURS, Newsroom
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(3600)

FOLDER = ROOT / "deploy" / "prometheus"
ASK = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"


class Prometheus:
    """A running container, which is asked from inside."""

    def __init__(self, newsroom: Newsroom, container: str) -> None:
        self._newsroom = newsroom
        self._container = container

    def ask(self, path: str, **parameters: str) -> Any:
        address = f"http://127.0.0.1:9090/api/v1/{path}?{urlencode(parameters)}"
        command = ("exec", self._container, "python3", "-c", ASK, address)
        return json.loads(self._newsroom.engine.docker(*command))["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], str]]:
        """Labels and value of each series now."""
        series = self.ask("query", query=expression)["result"]
        return [(each["metric"], each["value"][1]) for each in series]


@pytest.fixture(scope="module")
def prometheus(newsroom: Newsroom) -> Iterator[Prometheus]:
    docker = newsroom.engine.docker
    files = {"prometheus.compose.yml": "prometheus.yml", "alerts.yml": "alerts.yml"}
    mounts = [f"--volume={FOLDER / own}:/etc/prometheus/{name}:ro" for own, name in files.items()]
    options = ("--detach", "--network=seedwire_default", *mounts)
    container = docker("run", *options, PROMETHEUS).strip()
    try:
        yield Prometheus(newsroom, container)
    finally:
        docker("rm", "--force", "--volumes", container)


def test_it_finds_every_container_and_says_which_service_it_is(
    newsroom: Newsroom, prometheus: Prometheus
) -> None:
    newsroom.up(images=2)
    wanted = sorted([*OURS, "images"])

    def find_answering() -> list[str]:
        found = prometheus.query("up == 1")
        return sorted(labels["service"] for labels, _ in found)

    wait_until(lambda: find_answering() == wanted, lambda: f"{prometheus.query('up')}")


def test_the_sampler_tells_what_alerts_ask_for(prometheus: Prometheus) -> None:
    def read_engines() -> dict[str, str]:
        found = prometheus.query("seedwire_engine_up")
        return {labels["engine"]: value for labels, value in found}

    wait_until(lambda: read_engines() == {"kafka": "1", "store": "1"}, lambda: f"{read_engines()}")


def test_every_alert_is_evaluated_and_none_fires(prometheus: Prometheus) -> None:
    def read_rules() -> list[dict[str, Any]]:
        groups = prometheus.ask("rules")["groups"]
        return [rule for group in groups for rule in group["rules"]]

    wait_until(
        lambda: all(rule["health"] == "ok" for rule in read_rules()), lambda: f"{read_rules()}"
    )
    states = {rule["name"]: rule["state"] for rule in read_rules()}
    assert len(states) > 3
    assert "firing" not in states.values(), states
