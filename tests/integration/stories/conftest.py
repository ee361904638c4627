"""A store of the test's own, in each engine there is."""

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.store import Store, connect
from tests.conftest import mongo_stand_in


@pytest.fixture(scope="session", params=["sqlite", "mongo-java-server"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an engine, to be ended by a name of one's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/"
    else:
        with mongo_stand_in(tmp_path_factory.mktemp("mongo")) as settings:
            yield settings["SEEDWIRE_STORE"].rpartition("/")[0] + "/"


@pytest.fixture
async def store(engine: str) -> AsyncIterator[Store]:
    opened = connect(f"{engine}stories-{uuid.uuid4().hex}")
    await opened.open()
    yield opened
    await opened.close()
