"""What a process cannot mend ends it, so that its supervisor starts it anew."""

import json
import time
from pathlib import Path

import pytest

from tests.conftest import Processes
from tests.e2e.test_console import SEED, eventually

FIGHT = 240.0  # seconds until one of the two has given up, on a busy machine


@pytest.mark.real  # the embedded broker lets both be
def test_two_live_members_with_one_instance_id_do_not_fight_for_ever(
    processes: Processes, tmp_path: Path
):
    """They take the group from each other. One ends at least, and then the other works."""
    twin = {
        "instance": "twin",
        "SEEDWIRE_PATIENCE_SECONDS": "8",
    }  # a minute more, and being shut out is being stuck
    both = [processes.start("services.ingest", **twin) for _ in range(2)]
    folder = tmp_path / "drops"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.md").write_text(SEED.format(f"story-{number}"))
    processes.seedwire("drop", "--no-wait", str(folder))
    until = time.monotonic() + FIGHT
    while all(process.poll() is None for process in both) and time.monotonic() < until:
        time.sleep(0.2)
    ended = [process for process in both if process.poll() is not None]
    assert ended, "both live, and fight on"
    assert all(process.returncode not in (0, 2) for process in ended)
    if len(ended) == len(both):
        processes.start("services.ingest", **twin)
    eventually(lambda: len(stories(processes)) == 40, seconds=FIGHT)


def stories(processes: Processes) -> list[dict]:
    return [json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()]
