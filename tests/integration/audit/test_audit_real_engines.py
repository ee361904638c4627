"""The audit on Apache Kafka and a MongoDB stand-in: it finds and repairs what was deleted."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from services.console.audit import Promise
from shared.settings import Settings
from tests.integration.audit.newsroom import newsroom, picture, seed, start_real_engines

URL = "https://p.example/1.png"


@pytest.mark.real
async def test_deleted_documents_are_found_and_repaired(tmp_path: Path):
    with start_real_engines(tmp_path) as settings:
        async with newsroom(settings) as room:
            room.pictures[URL] = picture()
            await room.drop(seed("one", 90, image=URL), b"no seed")
            await room.work()
            assert (await room.audit()).found == ()
            await room.drop(seed("one", 91, image=URL))
            await room.work()
            assert (await room.audit()).found == ()
            await _delete_documents(settings)
            report = await room.audit()
            assert {breach.promise for breach in report.breaches} == {
                Promise.SAVED,
                Promise.DECIDED,
                Promise.ALIASES,
                Promise.PICTURES,
            }
            await room.repair()
            await room.work()
            assert (await room.audit()).found == ()


async def _delete_documents(settings: Settings) -> None:
    client: MongoClient = MongoClient(settings.store_url)
    with client:
        database = client.get_default_database()
        # The article has two aliases: its URL, and the twin that other spellings of it share.
        for collection, count in (("decisions", 1), ("aliases", 2), ("picture_bytes", 1)):
            assert database[collection].delete_many({}).deleted_count == count
