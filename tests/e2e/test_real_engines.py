"""The main job against Apache Kafka and a MongoDB stand-in, by settings alone: the same result as with our own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_demo import LEADS, ROOT


@pytest.mark.real
def test_the_demo_ends_the_same(engines: dict[str, str], tmp_path: Path):
    environment = {**os.environ, **engines, "SEEDWIRE_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "services.console"]

    def seedwire(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    demo = seedwire("demo")
    assert demo.returncode == 0, demo.stderr
    articles = [json.loads(line) for line in seedwire("list", "--json").stdout.splitlines()]
    assert sorted((a["heat"] for a in articles if a["published"]), reverse=True) == list(LEADS)
    log = [
        json.loads(line)
        for line in seedwire("tail", "--from-start", "--until-idle", "--json").stdout.splitlines()
    ]
    latest = {event["key"]: event["headers"]["ce_type"] for event in log}
    assert {key for key, kind in latest.items() if kind != "article.retracted"} == {
        a["id"] for a in articles if a["published"]
    }
    state = seedwire(
        "tail", "--topic", "published.state", "--from-start", "--until-idle", "--json"
    ).stdout.splitlines()
    fold = {record["key"]: record["value"] for record in map(json.loads, state)}
    assert {key for key, value in fold.items() if value} == {
        a["id"] for a in articles if a["published"]
    }
    audited = seedwire("audit")
    assert audited.returncode == 0, audited.stdout + audited.stderr
