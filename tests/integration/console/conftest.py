"""A store, the console over it, and people before the console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.console.sampling.sampler import Sampler
from services.console.web.app import build_app
from services.console.web.console import Console
from services.console.web.rendering.picture_origin import PictureOrigin
from services.console.web.security.visitors import Visitors
from services.console.web.settings import ConsoleSettings
from shared.settings import Settings
from shared.store import Store, connect
from tests.conftest import Processes
from tests.integration.console.desk import Desk

BASE_URL = "http://127.0.0.1:8791"


@asynccontextmanager
async def open_desk(
    store: Store, settings: Settings, person: str = "ann", is_read_only: bool = False
) -> AsyncIterator[Desk]:
    """The console over this store, and a person who is signed in."""
    given = settings.model_dump()
    chosen = ConsoleSettings(**given, console_read_only=is_read_only)
    visitors = Visitors(chosen, "a token for these tests")
    pictures = PictureOrigin("http://127.0.0.1:8790")
    console = Console(store, chosen, visitors, pictures, Sampler(chosen, store))
    transport = httpx.ASGITransport(build_app(console))
    cookies = {visitors.cookie: visitors.open_session(person)} if person else {}
    async with httpx.AsyncClient(
        transport=transport, base_url=BASE_URL, cookies=cookies, timeout=60
    ) as client:
        yield Desk(client)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = connect(f"sqlite:///{tmp_path / 'console.db'}")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    async with open_desk(store, Settings(store=store.address)) as desk:
        yield desk


@pytest.fixture
async def live_store(processes: Processes) -> AsyncIterator[Store]:
    """The store of running services."""
    store = connect(processes.settings.store_url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def live_desk(processes: Processes, live_store: Store) -> AsyncIterator[Desk]:
    async with open_desk(live_store, processes.settings) as desk:
        yield desk
