"""A story is split in the console while related is killed, and undone by another person."""

import asyncio
import signal
import subprocess
from typing import Any

import pytest

from shared.events.cloud_event import parse_kind
from shared.failpoints import VARIABLE
from shared.store import Store
from tests.conftest import Processes
from tests.integration.console.conftest import open_desk
from tests.integration.console.desk import Desk, read_text

pytestmark = pytest.mark.timeout(900)

SEED = """---
title: "{title}"
publishedDateTime: 2026-03-02T1{number}:00:00Z
webUrl: "https://paper{number}.example/vaskell"
quality: {quality}
---
"""
TITLES = (
    ("Comet Vaskell over Pelmoor Observatory as crowds climb", 90),
    ("Comet Vaskell brightens over Pelmoor Observatory", 80),
    ("Crowds climb to Pelmoor Observatory for comet Vaskell", 60),
)
RELATED = "services.enrichment.related"
AT_THE_SPLIT = ("links-saved", "stories-saved")


async def drop_story(processes: Processes, store: Store) -> str:
    """The id of a story of all these articles, once every service is through."""
    folder = processes.folder / "seeds"
    folder.mkdir()
    for number, (title, quality) in enumerate(TITLES):
        seed = SEED.format(title=title, number=number, quality=quality)
        (folder / f"{number}.md").write_text(seed)
    await asyncio.to_thread(processes.seedwire, "drop", str(folder))
    await wait_for_stages(processes)
    (story,) = await store.stories.list_page()
    assert len(story.members) == len(TITLES)
    return str(story.id)


async def wait_for_stages(processes: Processes) -> None:
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "240")


async def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    await asyncio.to_thread(process.wait, 60)


async def describe(store: Store, story_id: str) -> tuple[set[str], str, int | None]:
    """Members, lead and heat of a story, as its page shows them."""
    story = (await store.stories.get([story_id]))[story_id]
    decision = (await store.decisions.get([story.lead]))[story.lead]
    return set(story.members), story.lead, decision.heat


async def split_off(desk: Desk, story_id: str, article_id: str) -> None:
    page = await desk.read(f"/stories/{story_id}")
    preview = await desk.send(
        page, f"/stories/{story_id}/preview", kind="split", article=article_id
    )
    assert f"{len(TITLES)} → {len(TITLES) - 1} articles" in read_text(preview)
    action = f"/stories/{story_id}/act"
    await desk.send(preview, action, article=article_id, reason="another event")


async def read_versions(processes: Processes) -> dict[str, list[int]]:
    """The versions of every story that consumers read, in order; each version is one record."""
    tail = ("tail", "--topic", "stories.log", "--from-start", "--until-idle")
    records = await asyncio.to_thread(processes.seedwire_json, *tail)
    seen: dict[str, dict[str, Any]] = {}
    versions: dict[str, list[int]] = {}
    for record in records:
        assert parse_kind(record["headers"]["ce_type"]).startswith("story.")
        event_id, data = record["headers"]["ce_id"], record["value"]
        if event_id in seen:
            assert seen[event_id] == data  # a repeat says the same
            continue
        seen[event_id] = data
        versions.setdefault(data["id"], []).append(data["version"])
    return versions


@pytest.mark.parametrize("dies_at", ["before", *AT_THE_SPLIT])
async def test_a_split_and_its_undoing_survive_the_death_of_related(
    processes: Processes, live_store: Store, live_desk: Desk, dies_at: str
):
    processes.environment |= {
        "SEEDWIRE_RELATED_SWEEP_SECONDS": "0.5",
        "SEEDWIRE_RELATED_OVERDUE_SECONDS": "1",
    }
    for service in ("services.ingest", "services.enrichment.images", "services.publishing"):
        processes.start(service)
    related = processes.start(RELATED)
    story_id = await drop_story(processes, live_store)
    before = members, lead, heat = await describe(live_store, story_id)
    leaving = min(members - {lead})

    await kill(related)
    if dies_at != "before":  # it dies in the middle of applying the split
        related = processes.start(RELATED, **{VARIABLE: f"{dies_at}=kill"})
    await split_off(live_desk, story_id, leaving)
    if dies_at != "before":
        assert await asyncio.to_thread(related.wait, 120) == -signal.SIGKILL
    related = processes.start(RELATED)
    await wait_for_stages(processes)
    split_members, split_lead, split_heat = await describe(live_store, story_id)
    assert (split_members, split_lead) == (members - {leaving}, lead)
    assert heat is not None
    assert split_heat == heat - 10

    async with open_desk(live_store, processes.settings, "bob") as bob:
        page = await bob.read(f"/stories/{story_id}")
        await kill(related)
        await bob.send(page, f"/stories/{story_id}/undo", reason="it was one event")
        processes.start(RELATED)
        await wait_for_stages(processes)
        assert await describe(live_store, story_id) == before
        log = read_text(await bob.read("/log"))
    assert "ann split another event" in log
    assert "bob undo it was one event" in log
    versions = await read_versions(processes)
    assert len(versions[story_id]) >= 3
    for numbers in versions.values():
        assert numbers == [*range(1, len(numbers) + 1)]
