"""What the latest heartbeat of a process means."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from services.console.sampling.worker_states import state_of
from shared.store import Heartbeat

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_heartbeat(state="working", age=0.0, host="elsewhere", pid=1):
    return Heartbeat("i", "images", host, pid, state, NOW - timedelta(seconds=age))


def test_a_fresh_heartbeat_is_believed():
    assert state_of(make_heartbeat("waiting", age=3), NOW) == "waiting"


def test_a_silent_process_is_lost():
    assert state_of(make_heartbeat(age=11), NOW) == "lost"


@pytest.mark.parametrize("state", ["stopped", "halted", "failed"])
def test_a_final_state_is_believed_however_old(state):
    assert state_of(make_heartbeat(state, age=1000), NOW) == state


def test_a_process_of_this_machine_that_ended_is_lost_at_once():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = socket.gethostname()
    assert state_of(make_heartbeat(host=host, pid=ended.pid), NOW) == "lost"
    assert state_of(make_heartbeat(host=host, pid=os.getpid()), NOW) == "working"
