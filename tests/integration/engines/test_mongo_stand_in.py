"""mongo-java-server in MongoDB's place, through the clients that the services use."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, DuplicateKeyError

from deploy.embedded.errors import PortTaken
from tests.engines.mongo import MongoStandIn

Documents = dict[str, Any]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def memory(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoStandIn]:
    with MongoStandIn(jars, tmp_path_factory.mktemp("mongo")) as stand_in:
        yield stand_in


@pytest.fixture
def sync(jars: Path, tmp_path: Path) -> Iterator[MongoStandIn]:
    with MongoStandIn(jars, tmp_path, "sync") as stand_in:
        yield stand_in


async def test_an_inserted_document_is_found(memory: MongoStandIn) -> None:
    client: AsyncIOMotorClient[Documents] = AsyncIOMotorClient(memory.uri)
    await client.news.articles.insert_one({"_id": 1, "title": "a storm"})
    assert await client.news.articles.find_one({"title": "a storm"}) == {
        "_id": 1,
        "title": "a storm",
    }
    client.close()


def test_an_id_belongs_to_one_document(memory: MongoStandIn) -> None:
    with MongoClient[Documents](memory.uri) as client:
        client.news.aliases.insert_one({"_id": "a"})
        with pytest.raises(DuplicateKeyError):
            client.news.aliases.insert_one({"_id": "a"})


def test_acknowledged_writes_survive_a_kill(sync: MongoStandIn) -> None:
    acknowledged: list[int] = []
    writer = threading.Thread(target=write_until_disconnected, args=(sync.uri, acknowledged))
    writer.start()
    while len(acknowledged) < 50:
        time.sleep(0.01)
    sync.kill()
    writer.join()
    sync.restart()
    assert set(acknowledged) <= read_ids(sync.uri)


def write_until_disconnected(uri: str, acknowledged: list[int]) -> None:
    with MongoClient[Documents](uri, serverSelectionTimeoutMS=500) as client:
        try:
            while True:
                client.news.articles.insert_one({"_id": len(acknowledged)})
                acknowledged.append(len(acknowledged))
        except ConnectionFailure:
            return


def read_ids(uri: str) -> set[int]:
    with MongoClient[Documents](uri) as client:
        return {document["_id"] for document in client.news.articles.find()}


def test_a_restart_keeps_the_port_and_the_data(sync: MongoStandIn) -> None:
    with MongoClient[Documents](sync.uri) as client:
        client.news.articles.insert_one({"_id": 7})
    uri = sync.uri
    sync.restart()
    assert sync.uri == uri
    assert read_ids(uri) == {7}


def test_a_taken_port_is_an_error_before_anything_starts(jars: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stand_in = MongoStandIn(jars, tmp_path, port=server.getsockname()[1])
        with pytest.raises(PortTaken):
            stand_in.start()
    assert stand_in.pid is None
