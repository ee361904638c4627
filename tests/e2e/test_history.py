"""The history of a real site replayed in order, undisturbed and with each service killed in its turn."""

import itertools
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Processes
from tests.e2e.history_count import count
from tests.e2e.test_real_seeds import SERVICES
from tests.picture_host import picture_host
from tests.real_data import history, with_pictures_at


@pytest.fixture
def drops(tmp_path: Path) -> list[bytes]:
    return [drop.seed for drop in history()]


@pytest.mark.slow
@pytest.mark.parametrize("killed", [(), SERVICES], ids=["undisturbed", "each-killed"])
def test_the_history_ends_in_one_state_whoever_is_killed(
    processes: Processes, tmp_path: Path, drops: list[bytes], killed: Sequence[str]
):
    with picture_host() as host:
        folder = numbered(drops, host, tmp_path / "drops")
        running = {service: processes.start(service) for service in SERVICES}
        processes.seedwire("drop", "--no-wait", str(folder))
        for service in killed:
            kill_in_the_middle(processes, running, service)
        processes.seedwire("wait", "--timeout", "280")
    assert receipts(processes) == count(drops)
    published = events(processes)
    assert_one_event_for_each_change(published)
    articles = [
        json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()
    ]
    assert len(articles) == count(drops)["accepted"]
    assert {a["id"]: a["revision"] for a in articles if a["published"]} == fold(published)
    audited = processes.seedwire("audit", check=False)
    assert audited.returncode == 0, audited.stdout + audited.stderr


def numbered(drops: list[bytes], host: str, folder: Path) -> Path:
    """One file for each drop, named in order: an article's versions follow each other within its partition."""
    folder.mkdir()
    for number, seed in enumerate(drops):
        (folder / f"{number:05}.md").write_bytes(with_pictures_at(host, seed))
    return folder


def kill_in_the_middle(processes: Processes, running: dict, killed: str) -> None:
    """SIGKILL the service once it has handled some records and others are left, then start it anew."""
    name = killed.rsplit(".", 1)[-1]
    deadline = time.monotonic() + 60
    while (received := received_by(processes, name)) < 100:
        assert time.monotonic() < deadline, f"{name} handled {received} records in a minute"
        time.sleep(0.2)
    running[killed].kill()
    running[killed].wait()
    running[killed] = processes.start(killed)


def received_by(processes: Processes, name: str) -> int:
    status = json.loads(processes.seedwire("status", "--json").stdout)
    return sum(
        service["counts"].get("received", 0)
        for service in status["services"]
        if service["name"] == name
    )


def receipts(processes: Processes) -> Counter[str]:
    """The statuses of all drops; a drop that was answered twice (a crash before the commit) was answered alike."""
    answers: dict[tuple[int, int], set[str]] = {}
    for record in tailed(processes, "seeds.receipts"):
        seed = record["value"]["seed"]
        answers.setdefault((seed["partition"], seed["offset"]), set()).add(
            record["value"]["status"]
        )
    assert all(len(statuses) == 1 for statuses in answers.values())
    return Counter(next(iter(statuses)) for statuses in answers.values())


def events(processes: Processes) -> list[dict]:
    return tailed(processes, "published.log")


def tailed(processes: Processes, topic: str) -> list[dict]:
    output = processes.seedwire(
        "tail", "--topic", topic, "--from-start", "--until-idle", "--json"
    ).stdout
    return [json.loads(line) for line in output.splitlines()]


def assert_one_event_for_each_change(published: list[dict]) -> None:
    """Revisions grow by one without gaps, a repeat has the same bytes, and no two neighbours show the same."""
    by_article: dict[str, dict[int, dict]] = {}
    for event in published:
        seen = by_article.setdefault(event["key"], {})
        revision = event["value"]["revision"]
        assert seen.setdefault(revision, event["value"]) == event["value"], "one id, two contents"
    for revisions in by_article.values():
        assert sorted(revisions) == list(range(1, len(revisions) + 1))
        shown = [{**revisions[n], "revision": None} for n in sorted(revisions)]
        assert all(one != two for one, two in itertools.pairwise(shown)), (
            "an event that changes nothing"
        )


def fold(published: list[dict]) -> dict[str, int]:
    """The published state that the log comes to: article and revision."""
    state: dict[str, dict] = {}
    for event in published:
        if (
            event["value"]["revision"]
            >= state.get(event["key"], {"value": {"revision": 0}})["value"]["revision"]
        ):
            state[event["key"]] = event
    retracted = {
        key for key, event in state.items() if event["headers"]["ce_type"] == "article.retracted"
    }
    return {key: event["value"]["revision"] for key, event in state.items() if key not in retracted}
