"""Other teams' Kafka clients, with their defaults, on the newsroom that `seedwire up` starts.

`make test-clients` runs these. A client whose language is not on this machine is skipped, by name.
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.foreign_clients import CLIENTS, ForeignClient
from tests.clients.random_seeds import write_random_seeds
from tests.conftest import ROOT
from tests.e2e.console import SEED, Console, wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

TOPIC = "published.state"
READ_SECONDS = 120  # a client is done after some seconds, the JVM's start included
RANDOM_SEED = 16
DROPPED_AT_ONCE = 100
WAVES = ("1-morning", "2-afternoon", "3-evening")

Shown = dict[str, str]
"""Titles by the ids of their articles."""


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A newsroom in which articles were published, updated and retracted, most at random."""
    folder = tmp_path_factory.mktemp("newsroom")
    console = Console(folder / "home", {})
    try:
        assert console("up", "--detach").returncode == 0
        for wave in WAVES:
            console("drop", str(ROOT / "seeds" / wave))
            assert console("wait").returncode == 0
        drop_random_seeds(console, folder / "random")
        yield console
    finally:
        console("down")


def drop_random_seeds(console: Console, folder: Path) -> None:
    """One drop after the other, so that there are revisions between them."""
    files = write_random_seeds(folder, RANDOM_SEED)
    for start in range(0, len(files), DROPPED_AT_ONCE):
        dropped = files[start : start + DROPPED_AT_ONCE]
        assert console("drop", *map(str, dropped)).returncode == 0
        assert console("wait").returncode == 0


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
def client(request: pytest.FixtureRequest) -> ForeignClient:
    """A client that is installed; the test is skipped where it cannot be."""
    chosen: ForeignClient = request.param
    missing = chosen.find_missing()
    if missing:
        pytest.skip(missing)
    chosen.install()
    return chosen


@pytest.fixture(scope="module")
def restarted(newsroom: Console) -> Console:
    """The newsroom after its broker died, and everything was started again."""
    address = read_client_address(newsroom)
    os.kill(newsroom.find_broker_pid(), signal.SIGKILL)
    wait_until(lambda: not newsroom.is_ready())
    wait_until(newsroom.is_ready)
    assert newsroom("wait").returncode == 0
    assert read_client_address(newsroom) == address
    return newsroom


def test_a_client_shows_what_is_published(newsroom: Console, client: ForeignClient):
    lines = run_client(client, newsroom)
    assert fold(lines) == list_published(newsroom)
    assert len(lines) == len(read_topic(newsroom)), "it skipped a record, or read one twice"


def test_a_client_finds_everything_again_where_it_was(restarted: Console, client: ForeignClient):
    assert fold(run_client(client, restarted)) == list_published(restarted)


def test_kcat_drops_a_seed(newsroom: Console):
    """As the README says: no key and no header."""
    if shutil.which("kcat") is None:
        pytest.skip("kcat IS NOT TESTED AS A PRODUCER: it is not here")
    seed = newsroom.state_dir / "seed.md"
    seed.write_text(SEED.format("dropped-by-kcat"))
    address = read_client_address(newsroom)
    subprocess.run(["kcat", "-P", "-b", address, "-t", "seeds", str(seed)], check=True, timeout=60)
    wait_until(lambda: newsroom("show", "https://paper.example/dropped-by-kcat").returncode == 0)


def run_client(client: ForeignClient, newsroom: Console) -> list[str]:
    """The lines that the client printed: KEY<TAB>VALUE for each record."""
    group = client.name.strip("@").replace("/", "-")
    result = subprocess.run(
        client.build_command(read_client_address(newsroom), TOPIC, group),
        capture_output=True,
        text=True,
        timeout=READ_SECONDS,
        check=False,
    )
    assert result.returncode == 0, f"{client.name}: {result.stderr[-2000:]}"
    return result.stdout.splitlines()


def fold(lines: list[str]) -> Shown:
    """The latest state of each article, as a consumer keeps it."""
    shown: Shown = {}
    for line in lines:
        key, _, value = line.partition("\t")
        if value.lower() == "null":
            shown.pop(key, None)
        else:
            shown[key] = json.loads(value)["title"]
    return shown


def list_published(newsroom: Console) -> Shown:
    published = {view["id"]: view["title"] for view in newsroom.json("list", "--published")}
    assert len(published) > 30
    return published


def read_topic(newsroom: Console) -> list[dict[str, Any]]:
    """Every record, as our own client reads them from the broker itself."""
    return newsroom.json("tail", "--topic", TOPIC, "--from-start", "--until-idle")


def read_client_address(newsroom: Console) -> str:
    return (Path(newsroom.state_dir) / "run" / "kafka").read_text().strip()
