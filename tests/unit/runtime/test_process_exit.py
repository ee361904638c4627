"""A process ends without a last collection, and still closes what it opened."""

import subprocess
import sys

from tests.conftest import ROOT

PROGRAM = """
import atexit, gc
from shared.runtime.process_exit import skip_last_collection

class Ring:
    def __init__(self):
        self.itself = self

    def __del__(self):
        print("collected")

gc.disable()
Ring()
atexit.register(print, "closed")
{call}
"""


def run(call: str) -> list[str]:
    command = [sys.executable, "-c", PROGRAM.format(call=call)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return ended.stdout.split()


def test_what_python_would_look_through_at_its_end_is_left_alone():
    assert run("") == ["closed", "collected"]
    assert run("skip_last_collection()") == ["closed"]


def test_a_second_call_changes_nothing():
    assert run("skip_last_collection(); skip_last_collection()") == ["closed"]
