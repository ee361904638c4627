"""The examples for Node and Go pass every scenario of `seedwire conformance`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.clients.foreign_clients import CLIENTS, INSTALLED
from tests.conftest import ROOT
from tests.real_engines import start_apache_kafka

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

EXAMPLES = ROOT / "examples"


def find_client(name: str):
    """The client that an example uses, installed; skips where its language is not."""
    (client,) = [client for client in CLIENTS if client.name == name]
    missing = client.find_missing()
    if missing:
        pytest.skip(missing)
    client.install()
    return client


def build_node(tmp_path: Path) -> Sequence[str]:
    find_client("kafkajs")
    return ["node", str(EXAMPLES / "node" / "consumer.js")]


def build_go(tmp_path: Path) -> Sequence[str]:
    find_client("franz-go")
    program = tmp_path / "consumer"
    build = ["go", "build", "-mod=readonly", "-o", str(program), "."]
    subprocess.run(build, cwd=EXAMPLES / "go", check=True, capture_output=True)
    return [str(program)]


@pytest.mark.parametrize("build", [build_node, build_go], ids=["node", "go"])
def test_an_example_passes_every_scenario(build, tmp_path: Path):
    command = " ".join(build(tmp_path))
    with start_apache_kafka(tmp_path / "kafka") as settings:
        result = subprocess.run(
            [
                *(sys.executable, "-m", "services.console", "conformance", "--json"),
                *("--consumer", command, "--kafka", settings["SEEDWIRE_KAFKA"]),
            ],
            cwd=ROOT,
            env={**os.environ, "NODE_PATH": str(INSTALLED / "node" / "node_modules")},
            capture_output=True,
            text=True,
            timeout=800,
            check=False,
        )
    results = [json.loads(line) for line in result.stdout.splitlines()]
    assert results, result.stderr
    assert [found for found in results if found["status"] != "passed"] == []
    assert result.returncode == 0


def test_the_examples_are_complete_and_short():
    for name in ("python/consumer.py", "node/consumer.js", "go/main.go"):
        assert len((EXAMPLES / name).read_text().splitlines()) < 320
    assert (
        shutil.which("gofmt") is None
        or not subprocess.run(
            ["gofmt", "-l", str(EXAMPLES / "go")], capture_output=True, check=True
        ).stdout
    )
