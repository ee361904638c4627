"""The base on a real node: pods are replaced, lose Kafka and are drained, and nothing is lost.

The tests share one newsroom: each leaves it as it found it, ready.
"""

from pathlib import Path
from typing import Final

import pytest

from tests.command_runner import CommandFailed
from tests.kubernetes.newsroom import COMPONENT, Newsroom
from tests.kubernetes.node import NAME
from tests.unrelated_seeds import write_seeds
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(3600)

WORKERS: Final = ("ingest", "images", "related", "publishing")
SEEDS_A_WAVE: Final = 20
AWAY_SECONDS: Final = 90  # twice as long as a probe of liveness that fails would take to restart


def count_wanted(newsroom: Newsroom) -> dict[str, int]:
    return {name.partition("/")[2]: 2 for name in newsroom.list_deployments()} | {"console": 1}


def wait_until_ready(newsroom: Newsroom) -> None:
    wanted = count_wanted(newsroom)
    wait_until(lambda: newsroom.count_ready() == wanted, lambda: f"{newsroom.count_ready()}")


def test_every_pod_becomes_ready_and_seeds_are_published(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    assert newsroom.count_ready() == count_wanted(newsroom)
    newsroom.seedwire("drop", str(write_seeds(tmp_path / "first", SEEDS_A_WAVE, "first")))
    newsroom.audit()
    assert len(newsroom.read_titles()) == SEEDS_A_WAVE


def test_a_rolling_restart_beside_drops_loses_nothing(newsroom: Newsroom, tmp_path: Path) -> None:
    before = newsroom.read_restarts()
    for deployment in newsroom.list_deployments():
        newsroom.kubectl("rollout", "restart", deployment)
    waves = 0
    while newsroom.read_restarts().keys() & before.keys() or not waves:
        waves += 1
        folder = write_seeds(tmp_path / f"wave-{waves}", SEEDS_A_WAVE, f"rolling{waves}")
        newsroom.drop_until_acknowledged(folder)
    newsroom.wait_until_rolled_out()
    print(f"{waves} waves of {SEEDS_A_WAVE} seeds were dropped meanwhile")
    newsroom.audit()
    dropped = [title for title in newsroom.read_titles() if title.startswith("rolling")]
    assert len(dropped) == waves * SEEDS_A_WAVE
    assert set(newsroom.read_restarts().values()) == {0}


def test_without_kafka_pods_are_not_ready_and_are_not_restarted(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    before = newsroom.read_restarts()
    newsroom.kill_kafka()
    wait_until(
        lambda: not any(newsroom.count_ready()[name] for name in WORKERS),
        lambda: f"{newsroom.count_ready()}",
    )
    # A probe of liveness that failed would be heeded by then.
    which = (
        f"--selector={COMPONENT}=ingest",
        "--for=condition=Ready",
        f"--timeout={AWAY_SECONDS}s",
    )
    with pytest.raises(CommandFailed, match="timed out"):
        newsroom.kubectl("wait", "pod", *which)
    assert newsroom.read_restarts() == before
    newsroom.start_kafka()
    wait_until_ready(newsroom)
    assert newsroom.read_restarts() == before
    newsroom.drop_until_acknowledged(write_seeds(tmp_path / "back", SEEDS_A_WAVE, "back"))
    newsroom.audit()


def test_a_drain_leaves_one_of_two_at_work(newsroom: Newsroom, tmp_path: Path) -> None:
    """Replacements find no other node, so the drain cannot end: the budgets hold it."""
    scaled = {name for name, number in count_wanted(newsroom).items() if number > 1}
    options = ("--delete-emptydir-data", "--timeout=60s")
    with pytest.raises(CommandFailed, match="disruption budget"):
        newsroom.kubectl("drain", NAME, *options)
    ready = newsroom.count_ready()
    assert {name: ready[name] for name in scaled} == dict.fromkeys(scaled, 1)
    newsroom.drop_until_acknowledged(write_seeds(tmp_path / "drained", SEEDS_A_WAVE, "drained"))
    newsroom.audit()
    newsroom.kubectl("uncordon", NAME)
    wait_until_ready(newsroom)
