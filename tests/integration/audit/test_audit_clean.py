"""An undamaged newsroom audits clean."""

import asyncio

import pytest

from services.console.audit import audit
from services.console.cli.session import open_store
from tests.integration.audit.newsroom import Newsroom, picture, seed

pytestmark = pytest.mark.embedded


async def test_an_empty_newsroom_is_clean(room: Newsroom):
    report = await room.audit()
    assert report.found == ()
    assert report.is_clean()


async def test_a_newsroom_at_rest_is_clean(room: Newsroom):
    room.pictures["https://p.example/1.png"] = picture()
    first = seed("one", image="https://p.example/1.png")
    changed = seed("one", 60, "Another title", image="https://p.example/1.png")
    await room.drop(first, seed("two", 75), b"no seed", changed)
    await room.work()
    report = await room.audit()
    assert report.found == ()
    assert (report.articles, report.drops, report.pictures, report.rejected) == (2, 4, 1, 1)
    assert report.events >= 1


async def test_nothing_is_a_breach_while_services_run(room: Newsroom):
    """Titles, leads and pictures change all the time, and each audit sees a batch half done."""
    reports = []
    working = asyncio.create_task(_drop_waves(room))
    while not working.done():
        async with open_store(room.settings) as store:
            reports.append(await audit(room.settings, store))
    await working
    assert [breach for report in reports for breach in report.breaches] == []
    assert any(report.pending for report in reports)
    assert (await room.audit()).found == ()


async def _drop_waves(room: Newsroom) -> None:
    for wave in range(8):
        room.pictures[f"https://p.example/{wave}.png"] = picture(40 + wave)
        await room.drop(
            *(
                seed(
                    f"{wave % 4}-{n}",
                    70 + (wave * 7 + n) % 20,
                    f"Dockworkers strike, day {wave}, part {n}",
                )
                for n in range(10)
            ),
            seed(
                f"pictured-{wave}",
                60,
                f"Comet {wave} brightens",
                image=f"https://p.example/{wave}.png",
            ),
        )
        await room.work()
