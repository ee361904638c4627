"""Failpoints: rules are read as written, and fire when they say so; without rules nothing fires."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared import failpoints
from shared.errors import DependencyUnavailable, SettingsError
from shared.failpoints import Failpoints

ROOT = Path(__file__).parents[2]


async def hit_all(points: Failpoints, *names: str) -> list[bool]:
    """Which of *names*, hit one after the other, raised."""
    outcomes = []
    for name in names:
        try:
            await points.hit(name)
        except DependencyUnavailable:
            outcomes.append(True)
        else:
            outcomes.append(False)
    return outcomes


async def test_a_rule_fires_once_at_its_nth_hit():
    points = Failpoints("saved=raise@2;sent=raise", "")
    assert await hit_all(points, "saved", "saved", "saved", "sent", "sent") == [
        False,
        True,
        False,
        True,
        False,
    ]


async def test_a_rule_may_fire_each_time_and_under_a_wildcard():
    assert await hit_all(Failpoints("store.*=raise@*", ""), "store.a", "store.b", "sent") == [
        True,
        True,
        False,
    ]


async def test_chance_is_seeded():
    outcomes = [await hit_all(Failpoints("x=raise%0.5", "7"), *["x"] * 64) for _ in range(2)]
    assert outcomes[0] == outcomes[1]
    assert 10 < sum(outcomes[0]) < 54


async def test_a_delay_waits_so_many_seconds():
    began = time.monotonic()
    await Failpoints("x=delay(0.05)", "").hit("x")
    assert time.monotonic() - began >= 0.05


async def test_rules_in_a_file_are_read_anew_when_it_changes_and_noted_when_they_fire(
    tmp_path: Path,
):
    file = tmp_path / "rules"
    points = Failpoints(f"@{file}", "")
    assert await hit_all(points, "saved") == [False]
    file.write_text("saved=raise")
    assert await hit_all(points, "saved", "saved") == [True, False]
    assert (tmp_path / "rules.fired").read_text().split()[2:] == ["saved", "saved=raise"]


@pytest.mark.parametrize("text", ["saved", "saved=explode", "saved=kill@", "saved=raise@2%0.1"])
def test_a_rule_that_cannot_be_read_is_a_wrong_setting(text: str):
    with pytest.raises(SettingsError):
        failpoints.parse_rules(text)


def test_kill_ends_this_very_process():
    script = "import asyncio; from shared import failpoints; asyncio.run(failpoints.hit('saved'))"
    environment = {"SEEDWIRE_FAILPOINTS": "saved=kill"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=False)
    assert done.returncode == -9


async def test_unset_they_are_nothing_and_the_readme_does_not_know_them():
    await failpoints.hit("saved")
    assert failpoints.VARIABLE not in (ROOT / "README.md").read_text()
