"""A store of another layout is refused in a sentence, and left as it is."""

import sqlite3
from pathlib import Path

import pytest
from pymongo import MongoClient

from shared.errors import SettingsError
from shared.store import connect
from shared.store.layout import SCHEMA

REFUSALS = {0: "has layout 0.*Export its articles", SCHEMA + 1: "belongs to a newer version"}


class TestSqlite:
    async def test_a_file_is_opened_again(self, tmp_path: Path):
        for _ in range(2):
            store = connect(f"sqlite:///{tmp_path}/store.sqlite")
            await store.open()
            await store.close()

    @pytest.mark.parametrize("layout", REFUSALS)
    async def test_a_file_of_another_layout_is_refused(self, tmp_path: Path, layout: int):
        file = tmp_path / "store.sqlite"
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE articles (id TEXT)")
            connection.execute(f"PRAGMA user_version = {layout}")
        connection.close()
        with pytest.raises(SettingsError, match=rf"store\.sqlite {REFUSALS[layout]}"):
            await connect(f"sqlite:///{file}").open()
        with sqlite3.connect(file) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        connection.close()
        assert tables == [("articles",)]


@pytest.mark.real
class TestMongo:
    async def test_a_database_is_opened_again(self, store_url: str):
        for _ in range(2):
            store = connect(store_url)
            await store.open()
            await store.close()

    @pytest.mark.parametrize("layout", REFUSALS)
    async def test_a_database_of_another_layout_is_refused(self, store_url: str, layout: int):
        with MongoClient[dict[str, object]](store_url) as client:
            database = client.get_default_database()
            database["articles"].insert_one({"_id": "a1"})
            if layout:
                database["layout"].insert_one({"_id": "store", "version": layout})
            with pytest.raises(SettingsError, match=REFUSALS[layout]):
                await connect(store_url).open()
            assert "members" not in database.list_collection_names()
