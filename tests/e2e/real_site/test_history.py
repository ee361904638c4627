"""The history of a real site, dropped in order: undisturbed, and with each service killed once."""

import itertools
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Processes
from tests.e2e.console import wait_until
from tests.e2e.real_site.expected_receipts import count_receipts
from tests.e2e.real_site.real_seed_files import SERVICES, write_seeds
from tests.picture_host import run_picture_host
from tests.real_data import load_history

Running = dict[str, subprocess.Popen[bytes]]
Record = dict[str, Any]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("killed", [(), SERVICES], ids=["undisturbed", "each-killed"])
def test_the_history_leads_to_one_state_whichever_service_is_killed(
    processes: Processes, tmp_path: Path, killed: Sequence[str]
):
    drops = [drop.seed for drop in load_history()]
    with run_picture_host() as host:
        folder = write_seeds(name_in_order(drops), host, tmp_path / "drops")
        running = {service: processes.start(service) for service in SERVICES}
        processes.seedwire("drop", "--no-wait", str(folder))
        for service in killed:
            kill_and_restart(processes, running, service)
        processes.seedwire("wait", "--timeout", "900", timeout=960)
    assert count_answers(processes) == count_receipts(drops)
    events = read_topic(processes, "published.log")
    assert_one_event_for_each_change(events)
    articles = processes.seedwire_json("list")
    assert len(articles) == count_receipts(drops)["accepted"]
    published = {a["id"]: a["revision"] for a in articles if a["published"]}
    assert published == fold_published(events)
    audit = processes.seedwire("audit", check=False)
    assert audit.returncode == 0, audit.stdout + audit.stderr


def name_in_order(drops: Sequence[bytes]) -> dict[str, bytes]:
    """The drops by file names in their order, which keeps the order of an article's versions."""
    return {f"{number:05}.md": seed for number, seed in enumerate(drops)}


def kill_and_restart(processes: Processes, running: Running, service: str) -> None:
    """Kill the service when it has handled some records and has others to handle."""
    name = service.rsplit(".", 1)[-1]
    wait_until(lambda: count_received(processes, name) >= 100)
    running[service].kill()
    running[service].wait()
    running[service] = processes.start(service)


def count_received(processes: Processes, name: str) -> int:
    (status,) = processes.seedwire_json("status")
    services = [service for service in status["services"] if service["name"] == name]
    return sum(service["counts"].get("received", 0) for service in services)


def count_answers(processes: Processes) -> Counter[str]:
    """The statuses of all drops.

    A service that is killed before its commit answers a drop again, with the same status.
    """
    answers: dict[tuple[int, int], set[str]] = {}
    for record in read_topic(processes, "seeds.receipts"):
        receipt = record["value"]
        position = (receipt["seed"]["partition"], receipt["seed"]["offset"])
        answers.setdefault(position, set()).add(receipt["status"])
    assert all(len(statuses) == 1 for statuses in answers.values())
    return Counter(status for statuses in answers.values() for status in statuses)


def read_topic(processes: Processes, topic: str) -> list[Record]:
    return processes.seedwire_json("tail", "--topic", topic, "--from-start", "--until-idle")


def assert_one_event_for_each_change(events: Sequence[Record]) -> None:
    """Revisions have no gaps, a repeat has the same bytes, and each event changes what is shown."""
    by_article: dict[str, dict[int, Record]] = {}
    for event in events:
        revisions = by_article.setdefault(event["key"], {})
        number = event["value"]["revision"]
        assert revisions.setdefault(number, event["value"]) == event["value"]
    for revisions in by_article.values():
        assert sorted(revisions) == list(range(1, len(revisions) + 1))
        shown = [{**revisions[number], "revision": None} for number in sorted(revisions)]
        assert all(before != after for before, after in itertools.pairwise(shown))


def fold_published(events: Sequence[Record]) -> dict[str, int]:
    """The published articles that the log leads to, with their revisions."""
    latest: dict[str, Record] = {}
    for event in events:
        before = latest.get(event["key"])
        if before is None or event["value"]["revision"] >= before["value"]["revision"]:
            latest[event["key"]] = event
    return {
        article_id: event["value"]["revision"]
        for article_id, event in latest.items()
        if event["headers"]["ce_type"] != "io.seedwire.article.retracted.v1"
    }
