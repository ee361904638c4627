"""The contract runs on the adapter of the engines chosen: SQLite, or MongoDB with `--engines real`."""

import uuid
from collections.abc import AsyncIterator

import pytest

from shared.store import Store, connect


@pytest.fixture(scope="session")
def engine(
    on_real_engines: bool, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of an engine, to be ended by a name of one's own."""
    if on_real_engines:
        return f"{request.getfixturevalue('mongo')}/"
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/"


@pytest.fixture
def url(engine: str) -> str:
    """The address of a store of this test alone."""
    return f"{engine}contract-{uuid.uuid4().hex}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = connect(url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(store: Store, url: str) -> AsyncIterator[Store]:
    """A second handle on the same store, as another process has."""
    opened = connect(url)
    await opened.open()
    yield opened
    await opened.close()
