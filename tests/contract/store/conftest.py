"""The contract runs on the chosen engines: SQLite, or MongoDB with `--engines real`."""

import uuid
from collections.abc import AsyncIterator

import pytest

from shared.store import Store, connect


@pytest.fixture(scope="session")
def base_url(
    on_real_engines: bool, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The URL of an engine; a name for the database must follow."""
    if on_real_engines:
        return f"{request.getfixturevalue('mongo')}/"
    return f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/"


@pytest.fixture
def url(base_url: str) -> str:
    """The URL of a store for this test alone."""
    return f"{base_url}contract-{uuid.uuid4().hex}"


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
