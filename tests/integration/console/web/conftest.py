"""The console over a store, as strangers and colleagues reach it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.console.sampling.samples import KAFKA, STORE, EngineSample, Sample, StageSample
from services.console.web.app import build_app
from services.console.web.console import Console
from services.console.web.rendering.picture_origin import PictureOrigin
from services.console.web.security.visitors import Visitors
from services.console.web.settings import ConsoleSettings
from shared.store import Store

TOKEN = "a token for these tests"
BASE_URL = "http://127.0.0.1:8791"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class StandingSampler:
    """Shows what it was given, and counts how often somebody looked at the history."""

    def __init__(self) -> None:
        self.latest: Sample | None = None
        self.looks = 0

    @property
    def history(self) -> Sequence[Sample]:
        self.looks += 1
        return ()


class Visit:
    """A browser before the console."""

    def __init__(self, console: Console, client: httpx.AsyncClient, sampler: StandingSampler):
        self.console = console
        self.client = client
        self.sampler = sampler

    def sign_in(self, name: str) -> None:
        visitors = self.console.visitors
        self.client.cookies.set(visitors.cookie, visitors.open_session(name))


@pytest.fixture
async def open_visit(store: Store, tmp_path: Path) -> AsyncIterator[Any]:
    """Opens the console with some settings, as a client at an address reaches it."""
    async with AsyncExitStack() as stack:

        async def open_it(address: str = "127.0.0.1", token: str = TOKEN, **settings: Any) -> Visit:
            chosen = ConsoleSettings(home=tmp_path, store=store.address, **settings)
            sampler = StandingSampler()
            console = Console(
                store,
                chosen,
                Visitors(chosen, token),
                PictureOrigin("https://news.example/press"),
                sampler,
            )
            transport = httpx.ASGITransport(build_app(console), client=(address, 4000))
            client = httpx.AsyncClient(transport=transport, base_url=BASE_URL, timeout=60)
            return Visit(console, await stack.enter_async_context(client), sampler)

        yield open_it


@pytest.fixture
async def visit(open_visit: Any) -> Visit:
    visit: Visit = await open_visit()
    return visit


def make_sample(at: datetime = NOON, *stages: StageSample, away: str = "") -> Sample:
    engines = tuple(
        EngineSample(name, name != away, NOON, "it does not answer" if name == away else "")
        for name in (KAFKA, STORE)
    )
    return Sample(at=at, engines=engines, stages_at=at, stages=stages, store_at=at)


def make_stage(name: str = "publishing", waiting: int = 0, oldest: float = 0) -> StageSample:
    return StageSample(
        name=name,
        waiting=waiting,
        oldest_seconds=oldest,
        is_oldest_at_least=False,
        in_per_second=1.0,
        out_per_second=1.0,
        entered=100,
        committed=100 - waiting,
        drain_seconds=60.0 if waiting else 0.0,
    )
