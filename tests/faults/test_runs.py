"""Short seeded runs of the fault suite: the product breaks no promise, and the suite sees planted bugs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def faults(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.faults", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def engine(on_real_engines: bool) -> str:
    return "real" if on_real_engines else "embedded"


def test_a_seeded_run_breaks_no_promise(engine: str, tmp_path: Path):
    done = faults("-n", "25", "--seed", "7", "--engine", engine, "--keep", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 breaches" in done.stdout


ON_REAL_ENGINES = pytest.mark.real  # a fault takes a second there, and ten on the embedded ones


@pytest.mark.parametrize(
    "bug",
    [
        "commit-first",
        pytest.param("send-first", marks=ON_REAL_ENGINES),
        pytest.param("random-ids", marks=ON_REAL_ENGINES),
    ],
)
def test_a_planted_bug_is_caught_within_fifty_faults(engine: str, tmp_path: Path, bug: str):
    service = "ingest" if bug == "send-first" else "every"
    arguments = [
        "-n",
        "50",
        "--round",
        "10",
        "--patience",
        "60",
        "--bug",
        f"{service}={bug}",
        "--keep",
        str(tmp_path),
    ]
    done = faults("--seed", "7", "--engine", engine, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "again: make faults" in done.stdout
