"""`seedwire backfill` on real processes: killed in the middle, and run again beside live drops."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT, Processes
from tests.integration.audit.newsroom import seed

FILES = 300
DEADLINE_SECONDS = 60


def write_archive(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:04}.md").write_bytes(seed(f"n{number}", title=f"Archive {number}"))
    (folder / "0100.md").write_text("no seed")


def read_place(home: Path) -> int:
    places = [*(home / "backfill").glob("*.json")]
    return json.loads(places[0].read_text())["done"] if places else 0


def kill_in_the_middle(processes: Processes, archive: Path) -> None:
    """Start the command, and kill it as soon as it has come somewhere."""
    command = subprocess.Popen(
        [sys.executable, "-m", "services.console", "backfill", str(archive)],
        cwd=ROOT,
        env={**os.environ, **processes.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    while read_place(processes.folder) == 0:
        assert command.poll() is None, command.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.005)
    command.send_signal(signal.SIGKILL)
    command.communicate()


def test_killed_in_the_middle_it_drops_the_rest_and_names_what_was_rejected(
    processes: Processes, tmp_path: Path
):
    processes.start("services.ingest")
    archive = tmp_path / "archive"
    write_archive(archive)
    kill_in_the_middle(processes, archive)
    reached = read_place(tmp_path)
    assert 0 < reached < FILES
    # Nobody handles `articles.ingested`, so what waits there grows old: that must not stop it.
    *rejected, report = processes.seedwire_json(
        "backfill", str(archive), "--most-delay", "600", check=False
    )
    rejected_before = 1 if reached > 100 else 0
    assert [receipt["path"] for receipt in rejected] == ["0100.md"] * (1 - rejected_before)
    assert (report["files"], report["done"]) == (FILES, FILES)
    assert len(processes.seedwire_json("list", "--limit", "1000")) == FILES - 1
    assert read_place(tmp_path) == 0
