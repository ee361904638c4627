"""The command as an operator uses it: start, stop, scale, crashes, and engines that are missing."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.console import SEED, Console, wait_until

pytestmark = pytest.mark.timeout(900)

SERVICES = {"ingest", "images", "related", "publishing", "web", "console"}
BROKEN_SEED = "---\ntitle: 5\n---\n"

WriteSeed = Callable[[str], str]


@pytest.fixture
def write_seed(tmp_path: Path) -> WriteSeed:
    """Writes a seed file and returns its path."""

    def write(name: str) -> str:
        file = tmp_path / f"{name}.md"
        file.write_text(SEED.format(name))
        return str(file)

    return write


def list_service_names(seedwire: Console) -> list[str]:
    """The service of each working process, sorted."""
    return sorted(service["name"] for service in seedwire.working_services().values())


def list_working_pids(seedwire: Console) -> set[int]:
    """Of the services; none while `status` gets no answer from Kafka."""
    statuses = seedwire.json("status")
    services = statuses[0]["services"] if statuses else []
    return {service["pid"] for service in services if service["state"] == "working"}


def is_open(host: str, port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


class TestUp:
    def test_up_starts_every_service_and_down_stops_them(self, seedwire: Console):
        assert seedwire("up", "--detach").returncode == 0
        names = list_service_names(seedwire)
        assert set(names) == SERVICES
        assert len(names) >= 5
        assert seedwire("down").returncode == 0
        assert seedwire.working_services() == {}

    @pytest.mark.embedded
    def test_two_processes_of_a_service_do_not_take_the_group_from_each_other(
        self, seedwire: Console
    ):
        seedwire("up", "--detach", "--only", "images")
        time.sleep(15)  # static members did it every seven seconds
        logs = [log.read_text() for log in (seedwire.state_dir / "logs").glob("images-*.log")]
        assert len(logs) == 2
        assert not any("re-joining" in log for log in logs)

    @pytest.mark.embedded
    def test_clients_are_told_where_kafka_is(self, seedwire: Console):
        output = seedwire("up", "--detach", "--only", "web").stdout
        address = (seedwire.state_dir / "run" / "kafka").read_text()
        assert f"Kafka clients connect to {address}" in output
        assert re.search(r"^web is at http://127\.0\.0\.1:\d+$", output, re.MULTILINE)
        assert f"Kafka    {address}  up" in seedwire("status").stdout

    @pytest.mark.embedded
    def test_the_port_for_clients_must_be_free(self, seedwire: Console):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            result = seedwire("up", "--detach", SEEDWIRE_BROKER_PORT=port)
        assert result.returncode == 1
        assert f"port {port} of 127.0.0.1 cannot be used" in result.stderr
        assert "Set SEEDWIRE_BROKER_PORT to another port" in result.stderr
        assert seedwire.working_services() == {}

    @pytest.mark.embedded
    def test_a_killed_gateway_is_restarted_and_the_services_go_on(
        self, seedwire: Console, write_seed: WriteSeed
    ):
        seedwire("up", "--detach", "--only", "ingest")
        before = list_working_pids(seedwire)
        host, _, port = (seedwire.state_dir / "run" / "kafka").read_text().rpartition(":")
        killed = seedwire.find_gateway_pid()
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{killed}").exists())
        wait_until(lambda: is_open(host, int(port)))
        (receipt,) = seedwire.json("drop", write_seed("one"))
        assert receipt["status"] == "accepted"
        wait_until(lambda: list_working_pids(seedwire) == before)

    @pytest.mark.embedded
    def test_without_a_broker_status_ends_with_3(self, seedwire: Console):
        assert seedwire("status").returncode == 3

    def test_a_killed_service_is_restarted(self, seedwire: Console, write_seed: WriteSeed):
        seedwire("up", "--detach", "--only", "ingest")
        (before,) = seedwire.working_services().values()
        os.kill(before["pid"], signal.SIGKILL)
        (receipt,) = seedwire.json("drop", write_seed("one"))
        assert receipt["status"] == "accepted"
        pids = [service["pid"] for service in seedwire.working_services().values()]
        assert pids != [before["pid"]]

    def test_a_second_up_changes_services_and_numbers_of_the_first(self, seedwire: Console):
        seedwire("up", "--detach", "--only", "ingest")
        changed = seedwire("up", "--only", "ingest", "related", "--workers", "related=2")
        assert changed.returncode == 0, changed.stderr
        assert list_service_names(seedwire) == ["ingest", "related", "related"]
        scaled = seedwire("up", "--workers", "publishing=1")
        assert scaled.returncode == 0, scaled.stderr
        assert "ingest 1 (as before), related 2 (as before), publishing 0 → 1\n" in scaled.stdout
        assert list_service_names(seedwire) == ["ingest", "publishing", "related", "related"]
        assert seedwire("up", "--only", "ingest").returncode == 0
        assert list_service_names(seedwire) == ["ingest"]

    @pytest.mark.embedded
    def test_when_the_broker_dies_everything_restarts_and_no_accepted_drop_is_lost(
        self, seedwire: Console, write_seed: WriteSeed
    ):
        seedwire("up", "--detach", "--only", "ingest,related,publishing")
        # accepted, but not finished: images is missing
        (receipt,) = seedwire.json("drop", write_seed("one"))
        os.kill(seedwire.find_broker_pid(), signal.SIGKILL)
        wait_until(lambda: not seedwire.is_ready())
        assert seedwire("up", "--only", "ingest,images,related,publishing").returncode == 0
        assert seedwire("wait", "--timeout", "240").returncode == 0
        (article,) = seedwire.json("list", "--published")
        assert article["id"] == receipt["articleId"]
        (event,) = seedwire.json("tail", "--from-start", "--until-idle")
        assert event["key"] == article["id"]

    def test_every_process_dies_with_a_killed_supervisor(self, seedwire: Console):
        seedwire("up", "--detach", "--only", "ingest")
        pids = [service["pid"] for service in seedwire.working_services().values()]
        os.kill(int((seedwire.state_dir / "run" / "pid").read_text()), signal.SIGKILL)
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
        assert seedwire("up", "--detach", "--only", "ingest").returncode == 0

    @pytest.mark.embedded
    def test_wrong_settings_of_a_service_are_found_before_anything_starts(self, seedwire: Console):
        result = seedwire(
            "up", "--detach", "--only", "ingest", SEEDWIRE_INGEST_SWEEP_SECONDS="never"
        )
        assert result.returncode == 2
        assert "SEEDWIRE_INGEST_SWEEP_SECONDS" in result.stderr

    @pytest.mark.embedded
    def test_a_service_that_gave_up_is_missing_until_another_up(self, seedwire: Console):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            settings = {"SEEDWIRE_WEB_PORT": str(taken.getsockname()[1])}
            failed = seedwire("up", "--detach", "--only", "ingest,web", **settings)
            assert failed.returncode == 1
            wait_until(lambda: seedwire.json("status")[0]["missing"] == ["web-1"])
            wait_until(lambda: "Address already in use" in seedwire("status").stdout)
            assert "missing: web-1 does not run: " in seedwire("status").stdout
        again = seedwire("up", "--detach", "--only", "ingest,web")
        assert again.returncode == 0, again.stderr
        assert seedwire.json("status")[0]["missing"] == []

    @pytest.mark.embedded
    def test_an_unknown_service_is_wrong_usage(self, seedwire: Console):
        result = seedwire("up", "--only", "imges")
        assert result.returncode == 2
        assert "imges" in result.stderr


class TestDrop:
    def test_files_folders_and_standard_input_are_answered(
        self, seedwire: Console, write_seed: WriteSeed, tmp_path: Path
    ):
        seedwire("up", "--detach", "--only", "ingest")
        (tmp_path / "broken.md").write_text(BROKEN_SEED)
        file = write_seed("one")
        receipts = seedwire.json("drop", str(tmp_path))
        assert {(Path(receipt["path"]).name, receipt["status"]) for receipt in receipts} == {
            ("broken.md", "rejected"),
            ("one.md", "accepted"),
        }
        (rejected,) = [receipt for receipt in receipts if receipt["status"] == "rejected"]
        faults = {(error["field"], error.get("line")) for error in rejected["errors"]}
        assert faults >= {("title", 2)}
        assert seedwire("drop", str(tmp_path)).returncode == 1
        piped = seedwire("drop", "-", "--json", text=Path(file).read_text())
        assert (piped.returncode, json.loads(piped.stdout)["status"]) == (0, "unchanged")

    def test_without_ingest_a_drop_is_reported_as_unanswered_and_is_safe(
        self, seedwire: Console, write_seed: WriteSeed
    ):
        seedwire("up", "--detach", "--only", "publishing")
        result = seedwire("drop", write_seed("one"), "--patience", "1")
        assert result.returncode == 1
        assert "ingest" in result.stderr
        assert seedwire("wait", "--timeout", "1").returncode == 1
        seedwire("up", "--only", "ingest")
        wait_until(lambda: len(seedwire.json("list")) == 1)

    @pytest.mark.embedded
    def test_a_path_that_does_not_exist_is_wrong_usage(self, seedwire: Console):
        assert seedwire("drop", "nowhere.md").returncode == 2

    @pytest.mark.embedded
    def test_without_kafka_it_ends_with_3(self, seedwire: Console, write_seed: WriteSeed):
        assert seedwire("drop", write_seed("one")).returncode == 3
        assert seedwire("drop", write_seed("one"), SEEDWIRE_KAFKA="127.0.0.1:9").returncode == 3


class TestRejected:
    def test_a_corrected_record_is_sent_again(
        self, seedwire: Console, tmp_path: Path, write_seed: WriteSeed
    ):
        seedwire("up", "--detach", "--only", "ingest")
        broken = tmp_path / "broken" / "one.md"
        broken.parent.mkdir()
        broken.write_bytes(b"---\ntitle: \xff\n---\n")
        seedwire("drop", str(broken))
        (record,) = seedwire.json("rejected", "list")
        assert read_content(seedwire, record["id"]) == broken.read_bytes()
        (planned,) = seedwire.json("rejected", "redrive", "--all", "--dry-run")
        assert planned["sent"] is False
        corrected = write_seed("one")
        redrive = ("rejected", "redrive", record["id"], "--with", corrected, "--by", "ann")
        redriven = seedwire(*redrive)
        assert redriven.returncode == 0
        assert f"{record['id']}  sent: accepted at " in redriven.stdout
        assert "mend: 1 sent again (1 accepted)" in seedwire("log").stdout
        wait_until(lambda: load_case(seedwire)["state"] == "resolved")
        (attempt,) = load_case(seedwire)["redrives"]
        assert (attempt["sentBy"], attempt["outcome"]) == ("ann", "accepted")
        assert attempt["isCorrected"]
        assert len(seedwire.json("list")) == 1
        assert seedwire.json("status")[0]["rejected"] == 0

    def test_a_record_that_stays_broken_is_not_sent_for_ever(
        self, seedwire: Console, tmp_path: Path
    ):
        redrive = ("rejected", "redrive", "--all", "--max-attempts", "2")
        seedwire("up", "--detach", "--only", "ingest")
        (tmp_path / "broken.md").write_text("nothing")
        dropped = seedwire("drop", str(tmp_path / "broken.md")).stdout
        assert f"`seedwire rejected show {load_case(seedwire)['id']}`" in dropped
        for number in (1, 2):
            redriven = seedwire(*redrive)
            assert redriven.returncode == 1
            assert "sent: rejected again at " in redriven.stdout
            assert "Expected front matter" in redriven.stdout
            wait_until(lambda: load_case(seedwire)["state"] == "open")
            attempts = load_case(seedwire)["redrives"]
            assert [attempt["outcome"] for attempt in attempts] == ["rejected"] * number
            assert "redrive: 1 sent again (1 rejected again)" in seedwire("log").stdout
        assert seedwire(*redrive).returncode == 1
        record = load_case(seedwire)
        dismiss = ("rejected", "dismiss", record["id"], "--reason", "not ours", "--by", "ann")
        assert seedwire(*dismiss).returncode == 0
        assert seedwire.json("rejected", "list") == []
        assert "not ours" in seedwire("rejected", "show", record["id"]).stdout
        assert seedwire.json("status")[0]["rejected"] == 0


def load_case(seedwire: Console) -> dict[str, Any]:
    """The only rejected record: a redrive never makes a second one."""
    (record,) = seedwire.json("rejected", "list")
    return record


def read_content(seedwire: Console, record_id: str) -> bytes:
    """The original bytes of a rejected record, as the command prints them."""
    command = [sys.executable, "-m", "services.console", "rejected", "show", record_id, "--content"]
    result = subprocess.run(
        command, env=seedwire.environment, cwd=ROOT, capture_output=True, check=True
    )
    return result.stdout


class TestWatch:
    def test_files_move_by_their_receipts(self, seedwire: Console, tmp_path: Path):
        seedwire("up", "--detach", "--only", "ingest")
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        (inbox / "good.md").write_text(SEED.format("good"))
        (inbox / "bad.md").write_text("---\ntitle: x\n---\n")
        assert seedwire("watch", str(inbox), "--once").returncode == 1
        assert list_names(tmp_path / "done") == ["good.md"]
        assert list_names(tmp_path / "failed") == ["bad.md", "bad.md.reason.txt"]
        assert [file.name for file in inbox.rglob("*") if file.is_file()] == [".lock"]
        assert seedwire("watch", str(inbox), "--once").returncode == 0  # nothing was left

    @pytest.mark.embedded
    def test_files_wait_for_kafka_and_survive_a_kill(self, seedwire: Console, tmp_path: Path):
        inbox = tmp_path / "inbox"
        inbox.mkdir()
        (inbox / "good.md").write_text(SEED.format("good"))
        watcher = subprocess.Popen(
            [sys.executable, "-m", "services.console", "watch", str(inbox)],
            cwd=ROOT,
            env={**os.environ, "SEEDWIRE_HOME": str(seedwire.state_dir)},
            stderr=subprocess.PIPE,
        )
        assert watcher.stderr is not None
        assert b"watching" in watcher.stderr.readline()
        assert b"files wait" in watcher.stderr.readline()  # it was taken, and there is no Kafka
        watcher.kill()
        watcher.communicate()
        seedwire("up", "--detach", "--only", "ingest")
        assert seedwire("watch", str(inbox), "--once").returncode == 0
        assert list_names(tmp_path / "done") == ["good.md"]


def list_names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.embedded
class TestAudit:
    def test_damage_by_hand_is_reported_and_repaired(
        self, seedwire: Console, write_seed: WriteSeed
    ):
        seedwire("up", "--detach")
        (receipt,) = seedwire.json("drop", write_seed("one"))
        assert seedwire("wait", "--timeout", "240").returncode == 0
        assert seedwire("audit").stdout == "audit: 1 article, 1 event, 0 breaches\n"
        delete_decisions(seedwire.state_dir / "seedwire.db")
        assert seedwire("audit").returncode == 1
        *breaches, summary = seedwire.json("audit")
        assert {breach["articleId"] for breach in breaches} == {receipt["articleId"]}
        assert summary["breaches"] == len(breaches)
        assert seedwire("audit", "--repair", "--dry-run").returncode == 1
        repaired = seedwire("audit", "--repair")
        assert repaired.returncode == 0, repaired.stdout
        (event,) = seedwire.json("tail", "--from-start", "--until-idle")
        assert event["value"]["revision"] == 1

    def test_wrong_usage_ends_with_2_and_a_missing_kafka_with_3(self, seedwire: Console):
        assert seedwire("audit", "--dry-run").returncode == 2
        assert seedwire("audit").returncode == 3


def delete_decisions(database: Path) -> None:
    store = sqlite3.connect(database)
    with store:
        store.execute("DELETE FROM decisions")
    store.close()


@pytest.mark.embedded
class TestReading:
    @pytest.mark.parametrize("command", [["list"], ["rejected", "list"]])
    def test_it_works_while_nothing_runs_and_there_is_no_store_yet(
        self, seedwire: Console, command: list[str]
    ):
        result = seedwire(*command)
        assert (result.returncode, result.stderr) == (0, "")

    def test_an_unknown_article_is_reported(self, seedwire: Console):
        for command in ("show", "why"):
            result = seedwire(command, "https://paper.example/none")
            assert result.returncode == 1
            assert "https://paper.example/none" in result.stderr

    @pytest.mark.parametrize(
        "command",
        ["up", "drop", "wait", "list", "show", "why", "tail", "watch", "export", "audit", "demo"],
    )
    def test_help_has_an_example(self, seedwire: Console, command: str):
        result = seedwire(command, "--help")
        assert result.returncode == 0
        assert f"seedwire {command}" in result.stdout.split("Examples:")[1]
