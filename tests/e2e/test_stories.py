"""Stories for an operator and a consumer: overrides, leads, story events, and other rules."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.console.replay.offline_pipeline import to_record
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from shared.events.article_events import build_article_ingested
from shared.events.cloud_event import parse_kind
from shared.events.stories.story_wake_ups import is_story_wake_up
from shared.store import Store, connect
from tests.conftest import Processes
from tests.e2e.console import Console, wait_until

pytestmark = pytest.mark.timeout(900)

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

StoryEvents = Sequence[tuple[str, dict[str, Any]]]
"""The type and the data of each event."""


def write_seed(folder: Path, name: str, title: str, quality: int, hour: int = 0) -> str:
    file = folder / f"{name}.md"
    file.write_text(SEED.format(name=name, title=title, quality=quality, hour=hour))
    return str(file)


def drop(
    seedwire: Console, folder: Path, name: str, title: str, quality: int, hour: int = 0
) -> str:
    """Drop an article and wait until it passed every stage; returns its id."""
    (receipt,) = seedwire.json("drop", write_seed(folder, name, title, quality, hour))
    wait_for_stages(seedwire)
    return str(receipt["articleId"])


def wait_for_stages(seedwire: Console) -> None:
    result = seedwire("wait", "--timeout", "240")
    assert result.returncode == 0, result.stderr


def read_story_events(seedwire: Console) -> StoryEvents:
    records = seedwire.json("tail", "--topic", "stories.log", "--from-start", "--until-idle")
    return [(parse_kind(record["headers"]["ce_type"]), record["value"]) for record in records]


def test_overrides_outrank_linking_and_every_change_of_a_story_is_announced_once(
    seedwire: Console, tmp_path: Path
):
    assert seedwire("up", "--detach").returncode == 0
    c1 = drop(seedwire, tmp_path, "c1", COMET[0], 80)
    c2 = drop(seedwire, tmp_path, "c2", COMET[1], 60, 1)
    d1 = drop(seedwire, tmp_path, "d1", STRIKE[0], 70)
    drop(seedwire, tmp_path, "d2", STRIKE[1], 65, 1)
    assert len(seedwire.json("story", "list")) == 2

    merged = seedwire(
        "story", "merge", c1, "https://d1.example/x", "--by", "ann", "--reason", "the crowds struck"
    )
    assert merged.returncode == 0, merged.stderr
    wait_for_stages(seedwire)
    (story,) = seedwire.json("story", "list")
    assert (len(story["members"]), story["lead"]) == (4, c1)

    assert seedwire("story", "split", d1, c1, "--by", "bo").returncode == 0
    wait_for_stages(seedwire)
    drop(seedwire, tmp_path, "c2", f"{COMET[1]} at night", 90, 1)
    (shown,) = seedwire.json("story", "show", c2)
    assert shown["lead"] == c2
    assert {override["by"] for override in shown["instructions"]} == {"ann", "bo"}
    assert d1 not in shown["members"]

    (pair,) = seedwire.json("why", c1, d1)
    assert (pair["related"], pair["instructions"][0]["by"]) == (False, "bo")
    assert "split by bo" in pair["reason"]
    assert "needed" in seedwire("why", c1, c2).stdout
    assert seedwire("story", "undo", c1, d1).returncode == 0
    assert seedwire("story", "undo", c1, d1).returncode == 1

    events = read_story_events(seedwire)
    assert {event_type for event_type, _ in events} >= {
        "story.created",
        "story.merged",
        "story.ended",
        "story.split",
        "story.led",
        "story.lead-changed",
    }
    assert_gapless(events)


def assert_gapless(events: StoryEvents) -> None:
    """The versions of each story follow one another; a repeat has the same data."""
    latest: dict[str, tuple[int, dict[str, Any]]] = {}
    for _, data in events:
        version, before = latest.get(data["id"], (0, {}))
        if data["version"] <= version:
            assert data["version"] < version or data == before
        else:
            assert data["version"] == version + 1
            latest[data["id"]] = data["version"], data
        assert data["reason"]
        assert data["reasonCode"]


async def test_a_worker_that_dies_between_store_and_event_leaves_no_event_unannounced(
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
    files = [
        write_seed(folder, f"c{number}", title, 80 - number, number)
        for number, title in enumerate(COMET)
    ]
    await asyncio.to_thread(processes.seedwire, "drop", *files)
    store = connect(processes.settings.store_url)
    await store.open()
    try:
        await link_without_announcing(store)
    finally:
        await store.close()
    processes.start("services.enrichment.related")
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "240")
    tail = ("tail", "--topic", "stories.log", "--from-start", "--until-idle", "--json")
    output = await asyncio.to_thread(processes.seedwire, *tail)
    records = [json.loads(line) for line in output.stdout.splitlines()]
    events = [(parse_kind(record["headers"]["ce_type"]), record["value"]) for record in records]
    assert {event_type for event_type, _ in events} == {"story.created", "story.led"}
    assert_gapless(events)


async def link_without_announcing(store: Store) -> None:
    """Do what a linking worker does with these articles before it dies: its events are lost."""
    articles = await store.articles.list_page()
    handler = build_handler(RelatedSettings())
    records = [to_record(build_article_ingested(article)) for article in articles]
    lost = await handler.handle(records, store)
    assert any(is_story_wake_up(event) for event in lost)
    assert (await store.stories.counts())["due"] == 1


def list_rule_bound_pids(seedwire: Console) -> set[int]:
    """The processes that work by rules: all but web, which serves images."""
    services = seedwire.working_services().values()
    return {service["pid"] for service in services if service["name"] not in ("web", "console")}


def test_other_rules_are_tried_and_promoted_and_then_hold_for_every_worker(
    seedwire: Console, tmp_path: Path
):
    assert seedwire("up", "--detach").returncode == 0
    drop(seedwire, tmp_path, "c1", COMET[0], 80)
    drop(seedwire, tmp_path, "c2", COMET[1], 60, 1)
    drop(seedwire, tmp_path, "d1", STRIKE[0], 75)
    rules = tmp_path / "rules.yaml"
    rules.write_text("publish_at: 85\n")
    counts, *changes = seedwire.json("replay", "--rules", str(rules), "--shadow")
    assert counts["counts"]["unpublished"] == 1
    assert [change["change"] for change in changes] == ["unpublished"]
    assert len(seedwire.json("list", "--published")) == 2

    before = list_rule_bound_pids(seedwire)
    promoted = seedwire("replay", "--promote", "--by", "ann")
    assert promoted.returncode == 0, promoted.stderr
    wait_for_stages(seedwire)
    wait_until(lambda: len(seedwire.json("list", "--published")) == 1)
    wait_until(lambda: not before & list_rule_bound_pids(seedwire))
    assert drop(seedwire, tmp_path, "e1", "A lantern market moves indoors at Wickenfell", 80)
    assert len(seedwire.json("list", "--published")) == 1
    assert seedwire("replay", "--promote").returncode == 1


class TestReplay:
    def test_a_fault_in_the_rules_is_reported_with_its_line(
        self, seedwire: Console, tmp_path: Path
    ):
        (tmp_path / "rules.toml").write_text("# none\npublish_att = 1\n")
        result = seedwire("replay", "--rules", str(tmp_path / "rules.toml"), "--shadow")
        assert result.returncode == 2
        assert "rules.toml, line 2" in result.stderr
        assert "publish_at" in result.stderr

    def test_a_shadow_is_discarded(self, seedwire: Console, tmp_path: Path):
        (tmp_path / "rules.env").write_text("SEEDWIRE_PUBLISH_AT=90\n")
        tried = seedwire("replay", "--rules", str(tmp_path / "rules.env"), "--shadow")
        assert (tried.returncode, "nothing would change" in tried.stdout) == (0, True)
        assert seedwire("replay", "--discard").returncode == 0
        assert not (seedwire.state_dir / "shadow").exists()
        assert seedwire("replay", "--promote").returncode == 1

    def test_it_needs_to_be_told_what_to_do(self, seedwire: Console):
        assert seedwire("replay").returncode == 2
        assert seedwire("replay", "--shadow").returncode == 2

    @pytest.mark.parametrize(
        "command",
        [
            ["replay"],
            ["story", "list"],
            ["story", "show"],
            ["story", "pin"],
            ["story", "split"],
        ],
    )
    def test_help_has_an_example(self, seedwire: Console, command: list[str]):
        result = seedwire(*command, "--help")
        assert result.returncode == 0
        assert f"seedwire {' '.join(command)}" in result.stdout.split("Examples:")[1]
