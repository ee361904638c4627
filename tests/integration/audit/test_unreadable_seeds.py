"""The audit names an article whose stored seed cannot be read, and checks all others."""

import asyncio
import sys
from pathlib import Path

import pytest

from services.console.audit import Breach, Promise
from tests.command_runner import CommandFailed, run_command
from tests.integration.audit.newsroom import Newsroom, newsroom, seed, start_real_engines

LEAD = seed("lead", 90, "Dockworkers strike at Varnholm harbour over automated cranes")
SECOND = seed("second", 60, "Automated cranes: dockworkers strike at Varnholm harbour")
OTHER = seed("other", 75, "Comet Vaskell brightens in the northern sky")
NO_YAML = (b"\ntitle: ", b"\ntitle: [")
NO_RELATED = (b"\n---\n", b'\n\nrelated:\n  - title: "Wi\x00nd"\n---\n')


async def find_breaches(room: Newsroom) -> dict[str, Breach]:
    report = await room.audit()
    assert report.found == report.breaches
    assert {breach.promise for breach in report.found} <= {Promise.STORE}
    return {breach.article_id: breach for breach in report.found}


@pytest.mark.embedded
async def test_a_seed_that_cannot_be_read_is_named_and_so_is_its_relative(room: Newsroom):
    await check_unreadable_seed(room)


@pytest.mark.real
async def test_a_seed_that_cannot_be_read_is_named_on_real_engines(tmp_path: Path):
    with start_real_engines(tmp_path) as settings:
        async with newsroom(settings) as room:
            await check_unreadable_seed(room)


async def check_unreadable_seed(room: Newsroom) -> None:
    await room.drop(LEAD, SECOND, OTHER)
    await room.work()
    assert await find_breaches(room) == {}
    lead = await room.replace_seed("lead", *NO_YAML)
    second = await room.find_id("second")
    breaches = await find_breaches(room)
    assert breaches.keys() == {lead, second}
    assert breaches[lead].sentence.startswith("its seed cannot be read: ")
    assert f"its relative {lead} cannot be read, " in breaches[second].sentence
    assert f"; drop {lead} again: " in breaches[second].sentence
    await room.drop(LEAD)
    await room.work()
    assert await find_breaches(room) == {}


@pytest.mark.embedded
async def test_damage_in_what_a_seed_lists_as_related_is_found_and_concerns_it_alone(
    room: Newsroom,
):
    await room.drop(LEAD, SECOND, OTHER)
    await room.work()
    lead = await room.replace_seed("lead", *NO_RELATED)
    breaches = await find_breaches(room)
    assert breaches.keys() == {lead}
    assert breaches[lead].sentence.startswith("its seed cannot be read: ")
    await room.drop(LEAD)
    await room.work()
    assert await find_breaches(room) == {}


@pytest.mark.embedded
async def test_the_command_names_the_article_and_says_what_to_do(room: Newsroom):
    await room.drop(OTHER)
    await room.work()
    other = await room.replace_seed("other", *NO_YAML)
    environment = {
        "SEEDWIRE_STORE": room.settings.store_url,
        "SEEDWIRE_KAFKA": room.settings.kafka or "",
        "SEEDWIRE_HOME": str(room.settings.home),
    }
    command = [sys.executable, "-m", "services.console", "audit"]
    with pytest.raises(CommandFailed) as failure:
        await asyncio.to_thread(run_command, command, environment=environment)
    output = str(failure.value)
    assert "exit code 1" in output
    assert f"BREACH  store-agrees-with-itself  {other}" in output
    assert "its seed cannot be read: " in output
    assert "drop the article again" in output
