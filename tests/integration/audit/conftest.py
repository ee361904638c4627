"""A newsroom of its own for each test, since an audit counts everything in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.conftest import start_embedded_broker
from tests.integration.audit.newsroom import URL, Newsroom, newsroom, picture, seed


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with start_embedded_broker(tmp_path / "broker") as environment:
        yield Settings(
            home=tmp_path,
            store=f"sqlite:///{tmp_path / 'seedwire.db'}?synchronous=normal",
            kafka=environment["SEEDWIRE_KAFKA"],
            kafka_idempotence=False,
        )


@pytest.fixture
async def room(settings: Settings) -> AsyncIterator[Newsroom]:
    async with newsroom(settings) as started:
        yield started


@pytest.fixture
async def full(room: Newsroom) -> Newsroom:
    """A published lead with a picture (`lead`), its relative (`second`) and a story (`other`)."""
    room.pictures[URL] = picture()
    await room.drop(
        seed("lead", 90, "Dockworkers strike at Varnholm harbour over automated cranes", image=URL),
        seed("second", 60, "Automated cranes: dockworkers strike at Varnholm harbour"),
        seed("other", 75, "Comet Vaskell brightens in the northern sky"),
    )
    await room.work()
    assert (await room.audit()).found == ()
    return room
