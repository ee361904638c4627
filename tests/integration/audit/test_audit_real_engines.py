"""The same on Apache Kafka and a MongoDB stand-in: what is deleted by hand is told, and mended."""

from pathlib import Path

import pytest
from pymongo import MongoClient

from services.console.audit import Promise
from shared.settings import Settings
from tests.conftest import apache_kafka, mongo_stand_in
from tests.integration.audit.newsroom import newsroom, picture, seed

URL = "https://p.example/1.png"


@pytest.mark.real
async def test_what_is_deleted_by_hand_is_told_and_mended(tmp_path: Path):
    with apache_kafka(tmp_path / "kafka") as kafka, mongo_stand_in(tmp_path / "mongo") as mongo:
        settings = Settings(
            home=tmp_path, store=mongo["SEEDWIRE_STORE"], kafka=kafka["SEEDWIRE_KAFKA"]
        )
        async with newsroom(settings) as room:
            room.pictures[URL] = picture()
            await room.drop(seed("one", 90, image=URL), b"no seed")
            await room.work()
            assert (await room.audit()).found == ()
            await room.drop(seed("one", 91, image=URL))
            await room.work()
            assert (await room.audit()).found == ()
            await _harmed(settings)
            report = await room.audit()
            assert {one.promise for one in report.breaches} == {
                Promise.SAVED,
                Promise.DECIDED,
                Promise.ALIASES,
                Promise.PICTURES,
            }
            await room.repair()
            await room.work()
            assert (await room.audit()).found == ()


async def _harmed(settings: Settings) -> None:
    client: MongoClient = MongoClient(settings.store_url)
    with client:
        database = client.get_default_database()
        for collection in ("decisions", "aliases", "picture_bytes"):
            assert database[collection].delete_many({}).deleted_count == 1
