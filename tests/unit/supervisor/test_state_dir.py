"""The state directory: one supervisor at a time, and nothing stale after a crash."""

import os
import subprocess
import sys

import pytest

from services.console.supervisor.process_plan import make_plan
from services.console.supervisor.state_dir import StateDir, StateDirLocked


def test_a_state_directory_has_one_supervisor(tmp_path):
    state_dir = StateDir(tmp_path)
    with state_dir.hold():
        assert state_dir.supervisor_pid() == os.getpid()
        with pytest.raises(StateDirLocked), StateDir(tmp_path).hold():
            pass
    assert state_dir.supervisor_pid() is None


def test_a_missing_state_directory_has_no_supervisor_and_is_not_created(tmp_path):
    assert StateDir(tmp_path / "none").supervisor_pid() is None
    assert not (tmp_path / "none").exists()


def test_a_killed_supervisor_holds_nothing(tmp_path):
    code = f"""
import os, signal
from pathlib import Path
from services.console.supervisor.state_dir import StateDir, write_atomically
state_dir = StateDir(Path({str(tmp_path)!r}))
with state_dir.hold():
    write_atomically(state_dir.kafka_address_file, "127.0.0.1:1")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    state_dir = StateDir(tmp_path)
    assert state_dir.kafka_address_file.exists()
    assert state_dir.supervisor_pid() is None
    with state_dir.hold():
        assert not state_dir.kafka_address_file.exists()


def test_a_saved_plan_is_loaded_again(tmp_path):
    state_dir, plan = StateDir(tmp_path), make_plan(["images"], ["images=3"])
    state_dir.save_plan(plan)
    assert state_dir.load_plan() == plan


def test_a_plan_runs_only_while_a_supervisor_does(tmp_path):
    state_dir, plan = StateDir(tmp_path), make_plan(workers=["images=4"])
    assert state_dir.load_running_plan() is None
    state_dir.save_plan(plan)
    with state_dir.hold():
        assert state_dir.load_running_plan() == plan
    assert state_dir.load_running_plan() is None
