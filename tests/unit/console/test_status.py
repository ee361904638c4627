"""What a process's last word means."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from services.console.cli.status import state_of
from shared.store import Heartbeat

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def beat(state="working", age=0.0, host="elsewhere", pid=1):
    return Heartbeat("i", "images", host, pid, state, NOW - timedelta(seconds=age))


def test_a_fresh_word_stands():
    assert state_of(beat("waiting", age=3), NOW) == "waiting"


def test_a_silent_process_is_lost():
    assert state_of(beat(age=11), NOW) == "lost"


@pytest.mark.parametrize("state", ["stopped", "halted", "failed"])
def test_a_goodbye_stands_however_old(state):
    assert state_of(beat(state, age=1000), NOW) == state


def test_a_process_of_this_machine_that_is_gone_is_lost_at_once():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert state_of(beat(host=socket.gethostname(), pid=gone.pid), NOW) == "lost"
    assert state_of(beat(host=socket.gethostname(), pid=os.getpid()), NOW) == "working"
