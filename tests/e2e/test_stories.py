"""Stories as an operator and a consumer see them: the newsroom's word, who leads, what is told, other rules."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.console.replay.dry_run import record
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from shared.events.catalogue import ingested
from shared.store import connect
from tests.conftest import Processes
from tests.e2e.test_console import Newsroom, eventually

SEED = """---
title: "{title}"
publishedDateTime: 2026-03-02T1{hour}:00:00Z
webUrl: "https://{name}.example/x"
quality: {quality}
---
"""
COMET = (
    "Comet Vaskell brightens over Pelmoor Observatory",
    "Crowds climb to Pelmoor Observatory for comet Vaskell",
)
STRIKE = (
    "Dockworkers of Varnholm strike over cranes",
    "Varnholm dockworkers strike over crane jobs",
)


@pytest.fixture
def seedwire(engines: dict[str, str], tmp_path: Path) -> Iterator[Newsroom]:
    newsroom = Newsroom(tmp_path / "home", engines)
    yield newsroom
    newsroom("down")


def written(folder: Path, name: str, title: str, quality: int, hour: int = 0) -> str:
    file = folder / f"{name}.md"
    file.write_text(SEED.format(name=name, title=title, quality=quality, hour=hour))
    return str(file)


def drop(
    seedwire: Newsroom, folder: Path, name: str, title: str, quality: int, hour: int = 0
) -> str:
    """Drop an article and wait until it is through; returns its id."""
    (receipt,) = seedwire.objects("drop", written(folder, name, title, quality, hour))
    through(seedwire)
    return str(receipt["articleId"])


def through(seedwire: Newsroom) -> None:
    answer = seedwire("wait", "--timeout", "90")
    assert answer.returncode == 0, answer.stderr


def turns(seedwire: Newsroom) -> list[tuple[str, dict]]:
    told = seedwire.objects("tail", "--topic", "stories.log", "--from-start", "--until-idle")
    return [(event["headers"]["ce_type"], event["value"]) for event in told]


def test_the_newsroom_has_the_last_word_and_every_turn_is_told_once(
    seedwire: Newsroom, tmp_path: Path
):
    assert seedwire("up", "--detach").returncode == 0
    c1 = drop(seedwire, tmp_path, "c1", COMET[0], 80)
    c2 = drop(seedwire, tmp_path, "c2", COMET[1], 60, 1)
    d1 = drop(seedwire, tmp_path, "d1", STRIKE[0], 70)
    drop(seedwire, tmp_path, "d2", STRIKE[1], 65, 1)
    assert len(seedwire.objects("story", "list")) == 2

    merged = seedwire(
        "story", "merge", c1, "https://d1.example/x", "--by", "ann", "--reason", "the crowds struck"
    )
    assert merged.returncode == 0, merged.stderr
    through(seedwire)
    (story,) = seedwire.objects("story", "list")
    assert (len(story["members"]), story["lead"]) == (4, c1)

    assert seedwire("story", "split", d1, c1, "--by", "bo").returncode == 0
    through(seedwire)
    drop(seedwire, tmp_path, "c2", f"{COMET[1]} at night", 90, 1)
    (shown,) = seedwire.objects("story", "show", c2)
    assert shown["lead"] == c2
    assert {one["by"] for one in shown["instructions"]} == {"ann", "bo"}
    assert d1 not in shown["members"]

    (pair,) = seedwire.objects("why", c1, d1)
    assert (pair["related"], pair["instructions"][0]["by"]) == (False, "bo")
    assert "split by bo" in pair["reason"]
    assert "needed" in seedwire("why", c1, c2).stdout
    assert seedwire("story", "unpin", c1, d1).returncode == 0
    assert seedwire("story", "unpin", c1, d1).returncode == 1

    told = turns(seedwire)
    kinds = {kind for kind, _ in told}
    assert kinds >= {
        f"story.{turn}" for turn in ("created", "merged", "split", "led", "lead-changed")
    }
    assert_gapless(told)


def assert_gapless(told: list[tuple[str, dict]]) -> None:
    """Each version once by its id, one after the other."""
    latest: dict[str, tuple[int, dict]] = {}
    for _, data in told:
        version, seen = latest.get(data["id"], (0, {}))
        if data["version"] <= version:
            assert data["version"] < version or data == seen  # a repeat
        else:
            assert data["version"] == version + 1
            latest[data["id"]] = data["version"], data
        assert data["reason"]
        assert "supersededBy" in data


async def test_a_worker_that_dies_between_store_and_event_leaves_nothing_untold(
    processes: Processes, tmp_path: Path
):
    processes.environment |= {
        "SEEDWIRE_RELATED_SWEEP_SECONDS": "0.5",
        "SEEDWIRE_RELATED_OVERDUE_SECONDS": "1",
    }
    for service in ("services.ingest", "services.enrichment.images", "services.publishing"):
        processes.start(service)
    folder = tmp_path / "drop"
    folder.mkdir()
    files = [written(folder, f"c{n}", title, 80 - n, n) for n, title in enumerate(COMET)]
    await asyncio.to_thread(processes.seedwire, "drop", *files)
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        articles = await store.articles.page()
        worker = related(RelatedSettings())
        lost = await worker.handle([record(ingested(article)) for article in articles], store)
        assert any(event.topic == "stories.log" for event in lost)
        assert (await store.stories.counts())["due"] == 1
    finally:
        await store.close()
    processes.start("services.enrichment.related")
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "90")
    arguments = ("tail", "--topic", "stories.log", "--from-start", "--until-idle", "--json")
    lines = (await asyncio.to_thread(processes.seedwire, *arguments)).stdout.splitlines()
    told = [(event["headers"]["ce_type"], event["value"]) for event in map(json.loads, lines)]
    assert {kind for kind, _ in told} == {"story.created", "story.led"}
    assert_gapless(told)


def working(seedwire: Newsroom) -> set[int]:
    """The processes that go by rules: web, which serves pictures, knows none."""
    return {service["pid"] for service in seedwire.services().values() if service["name"] != "web"}


def test_other_rules_are_tried_promoted_and_hold_for_every_worker(
    seedwire: Newsroom, tmp_path: Path
):
    assert seedwire("up", "--detach").returncode == 0
    drop(seedwire, tmp_path, "c1", COMET[0], 80)
    drop(seedwire, tmp_path, "c2", COMET[1], 60, 1)
    drop(seedwire, tmp_path, "d1", STRIKE[0], 75)
    rules = tmp_path / "rules.yaml"
    rules.write_text("publish_at: 85\n")
    counts, *changes = seedwire.objects("replay", "--rules", str(rules), "--shadow")
    assert counts["counts"]["unpublished"] == 1
    assert [change["change"] for change in changes] == ["unpublished"]
    assert len(seedwire.objects("list", "--published")) == 2

    before = working(seedwire)
    promoted = seedwire("replay", "--promote", "--by", "ann")
    assert promoted.returncode == 0, promoted.stderr
    through(seedwire)
    eventually(lambda: len(seedwire.objects("list", "--published")) == 1)
    eventually(lambda: not before & working(seedwire))
    assert drop(seedwire, tmp_path, "e1", "A lantern market moves indoors at Wickenfell", 80)
    assert len(seedwire.objects("list", "--published")) == 1
    assert seedwire("replay", "--promote").returncode == 1


class TestReplay:
    def test_a_fault_in_the_rules_is_told_with_its_line(self, seedwire: Newsroom, tmp_path: Path):
        (tmp_path / "rules.toml").write_text("# none\npublish_att = 1\n")
        answer = seedwire("replay", "--rules", str(tmp_path / "rules.toml"), "--shadow")
        assert answer.returncode == 2
        assert "rules.toml, line 2" in answer.stderr
        assert "publish_at" in answer.stderr

    def test_a_shadow_is_thrown_away(self, seedwire: Newsroom, tmp_path: Path):
        (tmp_path / "rules.env").write_text("SEEDWIRE_PUBLISH_AT=90\n")
        tried = seedwire("replay", "--rules", str(tmp_path / "rules.env"), "--shadow")
        assert (tried.returncode, "nothing would change" in tried.stdout) == (0, True)
        assert seedwire("replay", "--discard").returncode == 0
        assert not (seedwire.home / "shadow").exists()
        assert seedwire("replay", "--promote").returncode == 1

    def test_what_to_do_must_be_said(self, seedwire: Newsroom):
        assert seedwire("replay").returncode == 2
        assert seedwire("replay", "--shadow").returncode == 2

    @pytest.mark.parametrize(
        "command", [["replay"], *(["story", name] for name in ("list", "show", "pin", "split"))]
    )
    def test_help_has_an_example(self, seedwire: Newsroom, command: list[str]):
        answer = seedwire(*command, "--help")
        assert answer.returncode == 0
        assert f"seedwire {' '.join(command)}" in answer.stdout.split("Examples:")[1]
