"""The command as an operator uses it: up, down, more workers, deaths, and engines that are away."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEED = """---
title: "{0}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{0}"
quality: 80
---
"""


SERVICES = {"ingest", "images", "related", "publishing", "web"}


class Newsroom:
    """`seedwire` in a home of its own."""

    def __init__(self, home: Path, engines: dict[str, str]) -> None:
        self.home = home
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")
        }
        self.environment = {**kept, **engines, "SEEDWIRE_HOME": str(home)}

    def __call__(
        self, *arguments: str, text: str | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.console", *arguments],
            cwd=ROOT,
            env={**self.environment, "SEEDWIRE_PAGES": "off", **settings},
            input=text,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def objects(self, *arguments: str, **settings: str) -> list[dict]:
        return [
            json.loads(line) for line in self(*arguments, "--json", **settings).stdout.splitlines()
        ]

    def services(self) -> dict[str, dict]:
        """Live processes by instance."""
        (status,) = self.objects("status")
        return {s["instance"]: s for s in status["services"] if s["state"] == "working"}


def eventually(check: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.2)


@pytest.fixture
def seedwire(engines: dict[str, str], tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path / "home", engines)
    yield newsroom
    newsroom("down")


@pytest.fixture
def seed(tmp_path: Path) -> Callable[[str], str]:
    def written(name: str) -> str:
        file = tmp_path / f"{name}.md"
        file.write_text(SEED.format(name))
        return str(file)

    return written


class TestUp:
    def test_brings_everything_up_and_down(self, seedwire: Newsroom):
        assert seedwire("up", "--detach").returncode == 0
        assert {s["name"] for s in seedwire.services().values()} == SERVICES
        assert len(seedwire.services()) >= 5
        assert seedwire("down").returncode == 0
        assert seedwire.services() == {}

    @pytest.mark.embedded
    def test_two_of_a_kind_do_not_throw_each_other_out_of_their_group(self, seedwire: Newsroom):
        seedwire("up", "--detach", "--only", "images")
        time.sleep(15)  # static members did every seven seconds
        logs = [log.read_text() for log in (seedwire.home / "logs").glob("images-*.log")]
        assert len(logs) == 2
        assert not any("re-joining" in log for log in logs)

    @pytest.mark.embedded
    def test_without_its_broker_status_ends_with_3(self, seedwire: Newsroom):
        assert seedwire("status").returncode == 3

    def test_a_dead_service_is_started_again(self, seedwire: Newsroom, seed):
        seedwire("up", "--detach", "--only", "ingest")
        (before,) = seedwire.services().values()
        os.kill(before["pid"], signal.SIGKILL)
        (receipt,) = seedwire.objects("drop", seed("one"))
        assert receipt["status"] == "accepted"
        assert [s["pid"] for s in seedwire.services().values()] != [before["pid"]]

    def test_a_second_up_changes_the_numbers_of_the_first(self, seedwire: Newsroom):
        seedwire("up", "--detach", "--only", "ingest")
        changed = seedwire("up", "--only", "ingest", "related", "--workers", "related=2")
        assert changed.returncode == 0, changed.stderr
        assert sorted(s["name"] for s in seedwire.services().values()) == [
            "ingest",
            "related",
            "related",
        ]
        assert seedwire("up", "--only", "ingest").returncode == 0
        assert sorted(s["name"] for s in seedwire.services().values()) == ["ingest"]

    @pytest.mark.embedded
    def test_when_the_broker_dies_all_is_started_anew_and_nothing_accepted_is_lost(
        self, seedwire: Newsroom, seed
    ):
        seedwire("up", "--detach", "--only", "ingest,related,publishing")
        (receipt,) = seedwire.objects(
            "drop", seed("one")
        )  # accepted; images is not there to finish it
        broker = subprocess.run(
            ["pgrep", "-f", f"tansu broker.*{_port(seedwire)}"], capture_output=True, text=True
        )
        os.kill(int(broker.stdout.split()[0]), signal.SIGKILL)
        eventually(lambda: not (seedwire.home / "run" / "ready").exists())
        assert seedwire("up", "--only", "ingest,images,related,publishing").returncode == 0
        assert seedwire("wait", "--timeout", "60").returncode == 0
        (article,) = seedwire.objects("list", "--published")
        assert article["id"] == receipt["articleId"]
        (event,) = seedwire.objects("tail", "--from-start", "--until-idle")
        assert event["key"] == article["id"]

    def test_everything_dies_with_a_supervisor_that_is_killed(self, seedwire: Newsroom):
        seedwire("up", "--detach", "--only", "ingest")
        pids = [s["pid"] for s in seedwire.services().values()]
        os.kill(int((seedwire.home / "run" / "pid").read_text()), signal.SIGKILL)
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
        assert seedwire("up", "--detach", "--only", "ingest").returncode == 0

    @pytest.mark.embedded
    def test_a_service_that_cannot_start_is_told_at_once(self, seedwire: Newsroom):
        answer = seedwire(
            "up", "--detach", "--only", "ingest", SEEDWIRE_INGEST_SWEEP_SECONDS="never"
        )
        assert answer.returncode == 1
        assert "SEEDWIRE_INGEST_SWEEP_SECONDS" in answer.stderr

    @pytest.mark.embedded
    def test_a_wrong_name_is_wrong_usage(self, seedwire: Newsroom):
        answer = seedwire("up", "--only", "imges")
        assert answer.returncode == 2
        assert "imges" in answer.stderr


def _port(seedwire: Newsroom) -> str:
    return (seedwire.home / "run" / "kafka").read_text().rpartition(":")[2]


class TestDrop:
    def test_every_way_in_is_answered(self, seedwire: Newsroom, seed, tmp_path: Path):
        seedwire("up", "--detach", "--only", "ingest")
        (tmp_path / "broken.md").write_text("---\ntitle: 5\n---\n")
        file = seed("one")
        answers = seedwire.objects("drop", str(tmp_path))
        assert {(Path(a["path"]).name, a["status"]) for a in answers} == {
            ("broken.md", "rejected"),
            ("one.md", "accepted"),
        }
        broken = next(a for a in answers if a["status"] == "rejected")
        assert {(e["field"], e["line"]) for e in broken["errors"]} >= {("title", 2)}
        assert seedwire("drop", str(tmp_path)).returncode == 1
        piped = seedwire("drop", "-", "--json", text=Path(file).read_text())
        assert (piped.returncode, json.loads(piped.stdout)["status"]) == (0, "unchanged")

    def test_without_ingest_it_says_so_and_the_drop_is_safe(self, seedwire: Newsroom, seed):
        seedwire("up", "--detach", "--only", "publishing")
        answer = seedwire("drop", seed("one"), "--patience", "1")
        assert answer.returncode == 1
        assert "ingest" in answer.stderr
        assert seedwire("wait", "--timeout", "1").returncode == 1
        seedwire("up", "--only", "ingest")
        eventually(lambda: len(seedwire.objects("list")) == 1)

    @pytest.mark.embedded
    def test_a_path_that_is_not_there_is_wrong_usage(self, seedwire: Newsroom):
        assert seedwire("drop", "nowhere.md").returncode == 2

    @pytest.mark.embedded
    def test_without_kafka_it_ends_with_3(self, seedwire: Newsroom, seed):
        assert seedwire("drop", seed("one")).returncode == 3
        assert seedwire("drop", seed("one"), SEEDWIRE_KAFKA="127.0.0.1:9").returncode == 3


class TestRejected:
    def test_a_mended_record_is_sent_again(self, seedwire: Newsroom, tmp_path: Path, seed):
        seedwire("up", "--detach", "--only", "ingest")
        broken = tmp_path / "broken" / "one.md"
        broken.parent.mkdir()
        broken.write_bytes(b"---\ntitle: \xff\n---\n")
        seedwire("drop", str(broken))
        (record,) = seedwire.objects("rejected", "list")
        kept = subprocess.run(
            [
                sys.executable,
                "-m",
                "services.console",
                "rejected",
                "show",
                record["id"],
                "--content",
            ],
            env=seedwire.environment,
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        assert kept.stdout == broken.read_bytes()
        (planned,) = seedwire.objects("rejected", "redrive", "--all", "--dry-run")
        assert planned["sent"] is False
        assert seedwire("rejected", "redrive", record["id"], "--with", seed("one")).returncode == 0
        eventually(lambda: len(seedwire.objects("list")) == 1)
        assert seedwire.objects("status")[0]["rejected"] == 0

    def test_what_stays_broken_is_not_sent_for_ever(self, seedwire: Newsroom, tmp_path: Path):
        seedwire("up", "--detach", "--only", "ingest")
        (tmp_path / "broken.md").write_text("nothing")
        seedwire("drop", str(tmp_path / "broken.md"))
        for attempt in (1, 2):
            assert seedwire("rejected", "redrive", "--all", "--max-attempts", "2").returncode == 0
            eventually(lambda: len(seedwire.objects("rejected", "list")) == attempt + 1)  # noqa: B023
        assert seedwire("rejected", "redrive", "--all", "--max-attempts", "2").returncode == 1


class TestWatch:
    def test_files_move_on_by_their_receipts(self, seedwire: Newsroom, tmp_path: Path):
        seedwire("up", "--detach", "--only", "ingest")
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        (inbox / "good.md").write_text(SEED.format("good"))
        (inbox / "bad.md").write_text("---\ntitle: x\n---\n")
        assert seedwire("watch", str(inbox), "--once").returncode == 0
        assert [file.name for file in (tmp_path / "done").iterdir()] == ["good.md"]
        assert sorted(file.name for file in (tmp_path / "failed").iterdir()) == [
            "bad.md",
            "bad.md.reason.txt",
        ]
        assert [file.name for file in inbox.rglob("*") if file.is_file()] == [".lock"]

    @pytest.mark.embedded
    def test_files_wait_for_kafka_and_outlive_a_kill(self, seedwire: Newsroom, tmp_path: Path):
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        (inbox / "good.md").write_text(SEED.format("good"))
        command = [sys.executable, "-m", "services.console", "watch", str(inbox)]
        watching = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "SEEDWIRE_HOME": str(seedwire.home)},
            stderr=subprocess.PIPE,
        )
        assert watching.stderr is not None
        assert b"watching" in watching.stderr.readline()
        assert b"files wait" in watching.stderr.readline()  # it was taken, and Kafka is away
        watching.kill()
        watching.communicate()
        seedwire("up", "--detach", "--only", "ingest")
        assert seedwire("watch", str(inbox), "--once").returncode == 0
        assert [file.name for file in (tmp_path / "done").iterdir()] == ["good.md"]


@pytest.mark.embedded
class TestAudit:
    def test_what_was_harmed_by_hand_is_told_and_mended(self, seedwire: Newsroom, seed):
        seedwire("up", "--detach")
        (receipt,) = seedwire.objects("drop", seed("one"))
        assert seedwire("wait", "--timeout", "60").returncode == 0
        assert seedwire("audit").stdout == "audit: 1 articles, 1 events, 0 breaches\n"
        with sqlite3.connect(seedwire.home / "seedwire.db") as store:
            store.execute("DELETE FROM decisions")
        store.close()
        assert seedwire("audit").returncode == 1
        *found, summary = seedwire.objects("audit")
        assert {breach["articleId"] for breach in found} == {receipt["articleId"]}
        assert summary["breaches"] == len(found)
        assert seedwire("audit", "--repair", "--dry-run").returncode == 1
        repaired = seedwire("audit", "--repair")
        assert repaired.returncode == 0, repaired.stdout
        (event,) = seedwire.objects("tail", "--from-start", "--until-idle")
        assert event["value"]["revision"] == 1

    def test_usage_and_engines(self, seedwire: Newsroom):
        assert seedwire("audit", "--dry-run").returncode == 2
        assert seedwire("audit").returncode == 3


@pytest.mark.embedded
class TestReading:
    @pytest.mark.parametrize("command", [["list"], ["rejected", "list"]])
    def test_works_while_nothing_runs_and_nothing_was_ever_there(
        self, seedwire: Newsroom, command: list[str]
    ):
        answer = seedwire(*command)
        assert (answer.returncode, answer.stderr) == (0, "")

    def test_an_unknown_article_is_told(self, seedwire: Newsroom):
        for command in ("show", "why"):
            answer = seedwire(command, "https://paper.example/none")
            assert answer.returncode == 1
            assert "https://paper.example/none" in answer.stderr

    @pytest.mark.parametrize(
        "command",
        ["up", "drop", "wait", "list", "show", "why", "tail", "watch", "export", "audit", "demo"],
    )
    def test_help_has_an_example(self, seedwire: Newsroom, command: str):
        answer = seedwire(command, "--help")
        assert answer.returncode == 0
        assert f"seedwire {command}" in answer.stdout.split("Examples:")[1]
