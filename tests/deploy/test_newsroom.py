"""The compose file, brought up on stand-ins for Kafka's and MongoDB's images, and broken.

The tests share one newsroom: each leaves it as it found it, healthy.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.deploy.images import COMPOSE
from tests.deploy.newsroom import OURS, SERVICES, WORKERS, Newsroom
from tests.unrelated_seeds import write_seeds
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(3600)

OF_THE_ENGINE = ("C /usr", "C /usr/sbin", "A /usr/sbin/docker-init")
PEAK_FILES = (  # of control groups, version 1 and 2
    "/sys/fs/cgroup/memory/docker/{}/memory.max_usage_in_bytes",
    "/sys/fs/cgroup/docker/{}/memory.peak",
)
MORE = int(os.environ.get("ARTICLES") or 0)  # make test-deploy ARTICLES=2000
UNITS = {"m": 1024**2, "g": 1024**3}


def read_ids(newsroom: Newsroom, *services: str) -> dict[str, tuple[str, int]]:
    """Which processes run: for each container when it started, and how often it was restarted."""
    described: dict[str, tuple[str, int]] = {}
    for service in services:
        for container in newsroom.inspect(service):
            described[container["Name"]] = (
                container["State"]["StartedAt"],
                container["RestartCount"],
            )
    return described


def is_accepted(newsroom: Newsroom, seed: Path) -> bool:
    return "accepted" in newsroom.seedwire_on_host("drop", str(seed))


def parse_bytes(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


def test_every_container_becomes_healthy(newsroom: Newsroom) -> None:
    assert newsroom.find_health() == {service: ["healthy"] for service in SERVICES}


def test_drops_from_everywhere_are_published(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.seedwire("drop", "seeds/1-morning")
    (seed,) = write_seeds(tmp_path / "host", 1, "host").iterdir()
    newsroom.seedwire_on_host("drop", str(seed))
    (seed,) = write_seeds(tmp_path / "stdin", 1, "stdin").iterdir()
    newsroom.seedwire("drop", "-", stdin=seed.read_text())
    newsroom.audit()
    published = newsroom.seedwire_on_host("list", "--published", "--json")
    for name in ("host", "stdin"):
        assert f"{name}-0 " in published
    assert newsroom.count_published() > 5


def test_the_web_server_answers_on_this_machine(newsroom: Newsroom) -> None:
    program = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8790/api/news').status)"
    assert newsroom.engine.run(["python3", "-c", program]).strip() == "200"


def test_replicas_are_kept_by_the_next_up(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.up(images=3, related=2)
    newsroom.up()
    numbers = {service: len(newsroom.list_containers(service)) for service in WORKERS}
    assert numbers == {"ingest": 1, "images": 3, "related": 2, "publishing": 1}
    newsroom.seedwire_on_host("drop", str(write_seeds(tmp_path / "scaled", 40, "scaled")))
    newsroom.audit()


def test_each_container_has_the_limits_of_the_file_and_keeps_them(newsroom: Newsroom) -> None:
    for service in SERVICES:
        limits = COMPOSE["services"][service]["deploy"]["resources"]["limits"]
        for container in newsroom.inspect(service):
            host = container["HostConfig"]
            assert host["Memory"] == parse_bytes(limits["memory"])
            assert host["PidsLimit"] == limits["pids"]
            assert not container["State"]["OOMKilled"]


def find_written(newsroom: Newsroom, container: str) -> list[str]:
    """What a container has changed in its image, besides the init that the engine puts there."""
    lines = newsroom.engine.docker("diff", container).splitlines()
    return [line for line in lines if line not in OF_THE_ENGINE]


def test_nothing_is_written_outside_volumes_and_tmp(newsroom: Newsroom) -> None:
    for service in OURS:
        for container in newsroom.list_containers(service):
            assert find_written(newsroom, container) == []
    with pytest.raises(Exception, match="Read-only file system"):
        newsroom.compose("exec", "--no-TTY", "ingest", "touch", "/newsroom/a")


def test_a_stop_ends_in_order_while_batches_run(newsroom: Newsroom, tmp_path: Path) -> None:
    folder = write_seeds(tmp_path / "stopped", 300, "stopped")
    newsroom.seedwire_on_host("drop", str(folder))
    began = time.monotonic()
    newsroom.compose("stop", *OURS)
    seconds = time.monotonic() - began
    codes = {
        container["Name"]: container["State"]["ExitCode"]
        for service in OURS
        for container in newsroom.inspect(service)
    }
    assert set(codes.values()) == {0}, codes
    print(f"all stopped after {seconds:.1f} s")
    newsroom.up()
    newsroom.audit()


def test_after_the_engine_restarts_all_are_back(newsroom: Newsroom, tmp_path: Path) -> None:
    before = newsroom.count_published()
    newsroom.engine.stop()
    newsroom.engine.start()
    newsroom.wait_until_healthy()
    assert newsroom.count_published() == before
    (seed,) = write_seeds(tmp_path / "back", 1, "back").iterdir()
    assert is_accepted(newsroom, seed)
    newsroom.audit()


def test_kafka_killed_comes_back_and_no_worker_restarts(newsroom: Newsroom, tmp_path: Path) -> None:
    before = read_ids(newsroom, *WORKERS)
    (kafka,) = newsroom.inspect("kafka")
    os.kill(kafka["State"]["Pid"], signal.SIGKILL)
    wait_until(
        lambda: newsroom.inspect("kafka")[0]["RestartCount"] > kafka["RestartCount"],
        lambda: "Kafka was not restarted",
    )
    newsroom.wait_until_healthy()
    assert read_ids(newsroom, *WORKERS) == before
    (seed,) = write_seeds(tmp_path / "killed", 1, "killed").iterdir()
    assert is_accepted(newsroom, seed)
    newsroom.audit()


def test_workers_that_start_without_kafka_wait_for_it(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.compose("stop", "kafka")
    newsroom.compose("restart", "--no-deps", *WORKERS)
    before = read_ids(newsroom, *WORKERS)
    command = ["exec", "--no-TTY", "ingest", "python", "-m", "deploy.health_check", "live"]
    wait_until(
        lambda: '"live":true' in newsroom.compose(*command), lambda: "ingest opens no health page"
    )
    with pytest.raises(Exception, match='"what":"Kafka"'):
        newsroom.compose(*command[:-1], "ready")
    newsroom.compose("start", "kafka")
    newsroom.wait_until_healthy()
    assert read_ids(newsroom, *WORKERS) == before
    (seed,) = write_seeds(tmp_path / "absent", 1, "absent").iterdir()
    assert is_accepted(newsroom, seed)
    newsroom.audit()


def test_rules_are_tried_in_one_container_and_promoted_in_the_next(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("publish_at = 95\n")
    rules.chmod(0o644)
    tmp_path.chmod(0o755)
    mounts = {rules: "/newsroom/rules.toml"}
    before = newsroom.count_published()
    shown = newsroom.seedwire("replay", "--rules", "rules.toml", "--shadow", mounts=mounts)
    assert "articles no longer published" in shown
    assert newsroom.count_published() == before
    assert "promoted" in newsroom.seedwire("replay", "--promote")
    newsroom.wait_until_healthy()
    newsroom.audit()
    assert newsroom.count_published() < before


def test_a_state_directory_that_cannot_be_written_is_a_sentence(newsroom: Newsroom) -> None:
    command = ["run", "--rm", "--no-TTY", "--env=SEEDWIRE_HOME=/newsroom/state", "seedwire"]
    with pytest.raises(Exception, match="/newsroom/state") as failure:
        newsroom.compose(*command, "replay", "--discard")
    assert "Traceback" not in str(failure.value)
    assert "Read-only file system" in str(failure.value)


def find_peak(newsroom: Newsroom, service: str) -> int:
    """The most memory that a container of *service* has taken, caches included, as counted."""
    peaks = []
    for container in newsroom.inspect(service):
        files = [Path(file.format(container["Id"])) for file in PEAK_FILES]
        (peak,) = [int(file.read_text()) for file in files if file.exists()]
        peaks.append(peak)
    return max(peaks)


def test_no_service_comes_near_its_limit(newsroom: Newsroom, tmp_path: Path) -> None:
    if MORE:
        newsroom.seedwire_on_host("drop", str(write_seeds(tmp_path / "more", MORE, "more")))
        newsroom.audit()
    near = {}
    for service in SERVICES:
        limit = parse_bytes(COMPOSE["services"][service]["deploy"]["resources"]["limits"]["memory"])
        peak = find_peak(newsroom, service)
        print(
            f"{service}: at most {peak / UNITS['m']:.0f} MiB, and may take {limit / UNITS['m']:.0f}"
        )
        if peak > 0.8 * limit:
            near[service] = peak
    assert near == {}
