"""A store, and web over it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.web.routes import build_app
from shared.runtime.http.http_server import serve_app
from shared.store import Store, connect


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve_app(build_app(store), "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client
