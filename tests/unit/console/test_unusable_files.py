"""A file or folder that cannot be used is named in a sentence, without a traceback."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def test_a_state_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    home = tmp_path / "taken" / "state"
    process = subprocess.run(
        [sys.executable, "-m", "services.console", "replay", "--discard"],
        cwd=ROOT,
        env={**os.environ, "SEEDWIRE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert f"{home}: Not a directory" in process.stderr
    assert "Traceback" not in process.stderr
