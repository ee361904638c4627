"""A process that cannot go on ends, so that its supervisor starts it again."""

from pathlib import Path

import pytest

from tests.conftest import Processes
from tests.e2e.console import SEED, wait_until

DEADLINE = 240.0  # seconds until one of the two gives up, on a busy machine
DROPS = 40


@pytest.mark.real  # the embedded broker accepts both members
@pytest.mark.timeout(600)
def test_two_live_members_with_one_instance_id_do_not_fight_for_ever(
    processes: Processes, tmp_path: Path
):
    """They take the group from each other until at least one ends; then the other works."""
    twin = {
        "instance": "twin",
        # With a minute on top, a member that is rejected counts as stuck.
        "SEEDWIRE_PATIENCE_SECONDS": "8",
    }
    twins = [processes.start("services.ingest", **twin) for _ in range(2)]
    folder = tmp_path / "drops"
    folder.mkdir()
    for number in range(DROPS):
        (folder / f"{number}.md").write_text(SEED.format(f"story-{number}"))
    processes.seedwire("drop", "--no-wait", str(folder))
    wait_until(lambda: any(process.poll() is not None for process in twins), DEADLINE)
    ended = [process for process in twins if process.poll() is not None]
    assert all(process.returncode not in (0, 2) for process in ended)
    if len(ended) == len(twins):
        processes.start("services.ingest", **twin)
    wait_until(lambda: len(processes.seedwire_json("list")) == DROPS, DEADLINE)
