"""A newsroom of its own for each test, since an audit counts everything in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.conftest import start_embedded_broker
from tests.integration.audit.newsroom import Newsroom, newsroom


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
