"""A host is cut off for a while, and comes back: nothing is lost, and commands answer meanwhile."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hosts.newsroom import HOSTS, SERVICES, Newsroom
from tests.settled_audit import audit_when_settled
from tests.unrelated_seeds import write_seeds
from tests.waiting import wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(1200)]

WAIT_SECONDS = 420.0
SETTLE_SECONDS = 180.0
ANSWER_SECONDS = 5.0  # up to this load for each core, and beyond it in proportion
BUSY_LOAD = 10.0
EVERYBODY = len(HOSTS) * len(SERVICES)
SEEDS_A_WAVE = 40


def wait_until_all_work(newsroom: Newsroom, host: int) -> None:
    def all_work() -> bool:
        newsroom.restart_ended()
        return newsroom.count_states(host).get("working") == EVERYBODY

    wait_until(all_work, lambda: newsroom.list_workers(host), WAIT_SECONDS)


def drop_until_acknowledged(newsroom: Newsroom, host: int, folder: Path) -> None:
    """Drop *folder*, again if Kafka's failover takes longer than the command waits."""
    wait_until(
        lambda: newsroom.seedwire(host, "drop", str(folder), codes=(0, 3)).returncode == 0,
        lambda: "Kafka's other nodes do not take over",
        WAIT_SECONDS,
    )


def measure(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def find_allowed_seconds() -> float:
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    return ANSWER_SECONDS * max(1.0, load / BUSY_LOAD)


def read_titles(newsroom: Newsroom, host: int) -> set[str]:
    """The titles of all articles in the store."""
    lines = newsroom.seedwire(host, "list", "--limit", "10000", "--json").stdout.splitlines()
    return {json.loads(line)["title"] for line in lines}


@pytest.mark.parametrize("cut", HOSTS)
def test_a_cut_host_costs_nothing(newsroom: Newsroom, cut: int, tmp_path: Path) -> None:
    near, other = (host for host in HOSTS if host != cut)
    wait_until_all_work(newsroom, near)
    newsroom.seedwire(
        cut, "drop", str(write_seeds(tmp_path / "before", SEEDS_A_WAVE, f"before-{cut}"))
    )

    newsroom.network.cut(cut)
    began = time.monotonic()
    during = write_seeds(tmp_path / "during", SEEDS_A_WAVE, f"during-{cut}")
    drop_until_acknowledged(newsroom, other, during)
    print(f"host {cut} cut: the first {SEEDS_A_WAVE} drops took {time.monotonic() - began:.1f} s")
    for count in range(3):
        seed = write_seeds(tmp_path / f"single-{count}", 1, f"single{count}-{cut}")
        seconds = {
            "drop": measure(lambda seed=seed: newsroom.seedwire(near, "drop", str(seed))),
            "status": measure(lambda: newsroom.seedwire(other, "status", codes=(0, 1))),
        }
        print(f"host {cut} cut: {seconds} at a load of {os.getloadavg()[0]:.1f}")
        assert max(seconds.values()) < find_allowed_seconds()

    newsroom.network.heal(cut)
    began = time.monotonic()
    wait_until_all_work(newsroom, near)
    print(f"host {cut} healed: all work after {time.monotonic() - began:.1f} s")
    audit_when_settled(lambda *words: newsroom.seedwire(near, *words).stdout, SETTLE_SECONDS)
    titles = read_titles(newsroom, near)
    dropped = 2 * SEEDS_A_WAVE + 3
    assert len([title for title in titles if f"-{cut}-" in title]) == dropped
