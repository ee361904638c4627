"""Neighbour lists in SQLite: one row each, two columns in order."""

import sqlite3
from array import array
from collections.abc import Collection, Mapping

from shared.store.ports.neighbour_lists import (
    EMPTY,
    Entries,
    Merge,
    NeighbourList,
    merge_lists,
    new_stamp,
)
from shared.store.sqlite.database import Database
from shared.store.sqlite.encoding import to_json


class SqliteNeighbourLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_scores(self, ids: Collection[str]) -> dict[str, dict[str, float]]:
        stamps = dict.fromkeys(ids, 0)
        lists = await self._database.read(lambda connection: _read_changed(connection, stamps))
        return {article_id: lists.get(article_id, EMPTY).entries for article_id in ids}

    async def get_if_changed(self, stamps: Mapping[str, int]) -> dict[str, NeighbourList]:
        if not stamps:
            return {}
        return await self._database.read(lambda connection: _read_changed(connection, stamps))

    async def update(self, changes: Mapping[str, Entries], merge: Merge) -> set[str]:
        if not changes:
            return set()
        return await self._database.write(lambda connection: _update(connection, changes, merge))


def _read_changed(
    connection: sqlite3.Connection, stamps: Mapping[str, int]
) -> dict[str, NeighbourList]:
    query = """SELECT article, stamp, others, scores FROM json_each(?)
        CROSS JOIN near WHERE article = key AND stamp <> value"""
    rows = connection.execute(query, (to_json(stamps),))
    return {
        article_id: NeighbourList(stamp, others.split(), array("d", scores))
        for article_id, stamp, others, scores in rows
    }


def _update(
    connection: sqlite3.Connection, changes: Mapping[str, Entries], merge: Merge
) -> set[str]:
    lists = _read_changed(connection, dict.fromkeys(changes, 0))
    changed, concerned = merge_lists(lists, changes, merge)
    stamp = new_stamp()
    rows = [
        (article_id, stamp, " ".join(neighbours.others), array("d", neighbours.scores).tobytes())
        for article_id, neighbours in changed.items()
    ]
    connection.executemany("INSERT OR REPLACE INTO near VALUES (?, ?, ?, ?)", rows)
    return concerned
