"""The demo on Apache Kafka and a MongoDB stand-in, by settings alone: the same result."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.events.cloud_event import parse_kind
from tests.conftest import ROOT
from tests.e2e.test_demo import LEADS


@pytest.mark.real
@pytest.mark.timeout(600)
def test_the_demo_ends_the_same(engines: dict[str, str], tmp_path: Path):
    environment = {**os.environ, **engines, "SEEDWIRE_HOME": str(tmp_path / "home")}

    def seedwire(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.console", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )

    def read_json(*arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in seedwire(*arguments, "--json").stdout.splitlines()]

    demo = seedwire("demo")
    assert demo.returncode == 0, demo.stderr
    articles = read_json("list")
    published = [article for article in articles if article["published"]]
    published_ids = {article["id"] for article in published}
    assert sorted((article["heat"] for article in published), reverse=True) == list(LEADS)

    log = read_json("tail", "--from-start", "--until-idle")
    latest = {event["key"]: event["headers"]["ce_type"] for event in log}
    shown = {key for key, kind in latest.items() if parse_kind(kind) != "article.retracted"}
    assert shown == published_ids

    state = read_json("tail", "--topic", "published.state", "--from-start", "--until-idle")
    values = {record["key"]: record["value"] for record in state}
    assert {key for key, value in values.items() if value} == published_ids

    audit = seedwire("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr
