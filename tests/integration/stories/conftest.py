"""A store for each test, in each engine there is."""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.store import Store, connect
from tests.conftest import start_mongo_stand_in


@pytest.fixture(scope="session", params=["sqlite", "mongo-java-server"])
def engine_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of an engine, without the name of a database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/"
    else:
        with start_mongo_stand_in(tmp_path_factory.mktemp("mongo")) as settings:
            yield settings["SEEDWIRE_STORE"].rpartition("/")[0] + "/"


@pytest.fixture
async def store(engine_url: str) -> AsyncIterator[Store]:
    opened = connect(f"{engine_url}stories-{uuid.uuid4().hex}")
    await opened.open()
    yield opened
    await opened.close()
