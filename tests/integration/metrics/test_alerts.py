"""The alerts fire for what they are there for, and stay silent otherwise."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.integration.metrics.prometheus import require_program

pytestmark = pytest.mark.embedded

FOLDER = ROOT / "deploy" / "prometheus"
RUNBOOK = ROOT / "docs" / "runbook.md"


def run_promtool(*arguments: str | Path) -> None:
    command = [require_program("promtool"), *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def load_alerts() -> list[dict]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return group["rules"]


def test_the_alerts_fire_and_stay_silent_as_their_tests_say():
    run_promtool("test", "rules", FOLDER / "alerts_test.yml")


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus.compose.yml"])
def test_prometheus_takes_the_configuration(name):
    run_promtool("check", "config", FOLDER / name)


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not():
    tests = yaml.safe_load((FOLDER / "alerts_test.yml").read_text())["tests"]
    checks = [check for test in tests for check in test["alert_rule_test"]]
    names = {alert["alert"] for alert in load_alerts()}
    assert names == {check["alertname"] for check in checks if check["exp_alerts"]}
    assert names == {check["alertname"] for check in checks if not check["exp_alerts"]}


def test_every_alert_has_a_section_in_the_runbook():
    headings = re.findall(r"^## (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    for alert in load_alerts():
        page, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert (ROOT / page) == RUNBOOK
        assert anchor in anchors, alert["alert"]
