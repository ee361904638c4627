"""The adapters that the contract runs on: SQLite always, the others where there is an engine for them."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.store import Store, connect
from tests.conftest import mongo_stand_in

REAL = os.environ.get("SEEDWIRE_TEST_MONGODB", "")  # a real MongoDB to run the contract on too
ADAPTERS = ["sqlite", "mongo-java-server", *(["mongodb"] if REAL else [])]


@pytest.fixture(scope="session", params=ADAPTERS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an engine, to be ended by a name of one's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/"
    elif request.param == "mongodb":
        yield REAL.rstrip("/") + "/"
    else:
        with mongo_stand_in(tmp_path_factory.mktemp("mongo")) as settings:
            yield settings["SEEDWIRE_STORE"].rpartition("/")[0] + "/"


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
