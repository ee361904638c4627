"""Short seeded fault runs: the product breaks no promise, and the suite catches planted bugs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

# A run ends by itself, after many minutes at the worst; this only ends one that hangs.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]
REAL_ENGINES_ONLY = pytest.mark.real  # a fault takes a second there, and ten on the embedded ones


def run_faults(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def engine(on_real_engines: bool) -> str:
    return "real" if on_real_engines else "embedded"


def test_a_seeded_run_breaks_no_promise(engine: str, tmp_path: Path):
    run = run_faults("-n", "25", "--seed", "7", "--engine", engine, "--keep", str(tmp_path))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "\n0 breaches" in run.stdout


@pytest.mark.parametrize(
    ("service", "bug", "only"),
    [
        # Whoever dies between commit and save loses what it had: kills alone show it.
        ("every", "commit-first", ["kill at a failpoint"]),
        pytest.param("ingest", "send-first", [], marks=REAL_ENGINES_ONLY),
        pytest.param("every", "random-ids", [], marks=REAL_ENGINES_ONLY),
    ],
)
def test_a_planted_bug_is_caught_within_fifty_faults(
    engine: str, tmp_path: Path, service: str, bug: str, only: list[str]
):
    """It may be caught because something is never done, so this run waits for a shorter time."""
    size = ("-n", "50", "--round", "10", "--drain-seconds", "30")
    planted = ("--bug", f"{service}={bug}", "--keep", str(tmp_path))
    kinds = [f"--only={kind}" for kind in only]
    run = run_faults("--seed", "7", "--engine", engine, *size, *planted, *kinds)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "again: make faults" in run.stdout
