"""An undamaged newsroom audits clean."""

import asyncio
import itertools
from collections.abc import Iterable
from typing import Any

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


class ArticlesChangeBeforeTheirListingsAreRead:
    """A store in which services work between two reads of an audit."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._days = itertools.count(1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room.store, name)

    @property
    def listings(self) -> Any:
        return self

    async def get(self, article_ids: Iterable[str]) -> Any:
        await self._room.drop(seed("one", 75, f"Comet Vaskell brightens, day {next(self._days)}"))
        await self._room.work("ingest")
        return await self._room.store.listings.get([*article_ids])


async def test_a_listing_is_judged_only_by_what_stood_still_around_it(room: Newsroom):
    await room.drop(seed("one", 75, "Comet Vaskell brightens"))
    await room.work()
    report = await audit(room.settings, ArticlesChangeBeforeTheirListingsAreRead(room))
    assert report.breaches == ()
    assert report.pending


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
