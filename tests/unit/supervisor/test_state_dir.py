"""The home folder: one supervisor at a time, and nothing stale after a crash."""

import os
import subprocess
import sys

import pytest

from services.console.supervisor.process_plan import plan
from services.console.supervisor.state_dir import Home, HomeTaken


def test_a_held_home_is_refused_to_another(tmp_path):
    home = Home(tmp_path)
    with home.held():
        assert home.supervisor() == os.getpid()
        with pytest.raises(HomeTaken), Home(tmp_path).held():
            pass
    assert home.supervisor() is None


def test_an_unknown_home_has_no_supervisor(tmp_path):
    assert Home(tmp_path / "none").supervisor() is None
    assert not (tmp_path / "none").exists()


def test_a_supervisor_that_was_killed_holds_nothing(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from services.console.supervisor.state_dir import Home, write
home = Home(Path({str(tmp_path)!r}))
with home.held():
    write(home.kafka, "127.0.0.1:1")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    home = Home(tmp_path)
    assert home.kafka.exists()
    assert home.supervisor() is None
    with home.held():
        assert not home.kafka.exists()


def test_a_plan_is_kept(tmp_path):
    home, wanted = Home(tmp_path), plan(["images"], ["images=3"])
    home.save_plan(wanted)
    assert home.plan() == wanted
