"""Neighbour lists in SQLite: one row each, three columns in order."""

import sqlite3
from array import array
from collections.abc import Collection, Mapping
from struct import Struct
from typing import Final

from shared.store.ports.story.neighbour_lists import (
    EMPTY,
    Entries,
    Merge,
    Neighbour,
    NeighbourList,
    merge_lists,
    new_stamp,
)
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import to_json

_SCORE: Final = Struct("d")  # as `array` writes it
_LISTS_AT_ONCE: Final = 500  # some 7 KB each in memory


class SqliteNeighbourLists:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_entries(self, ids: Collection[str]) -> dict[str, dict[str, Neighbour]]:
        stamps = dict.fromkeys(ids, 0)
        lists = await self._database.read(lambda connection: _read_changed(connection, stamps))
        return {article_id: lists.get(article_id, EMPTY).entries for article_id in ids}

    async def get_if_changed(self, stamps: Mapping[str, int]) -> dict[str, NeighbourList]:
        if not stamps:
            return {}
        return await self._database.read(lambda connection: _read_changed(connection, stamps))

    async def get_scores_at(self, place: int, ids: Collection[str]) -> dict[str, float]:
        if not ids:
            return {}
        query = """SELECT article, substr(scores, ?1, ?2) FROM json_each(?3)
            CROSS JOIN near ON article = value WHERE length(scores) >= ?1 + ?2 - 1"""
        values = (place * _SCORE.size + 1, _SCORE.size, to_json([*ids]))
        rows = await self._database.fetch_all(query, values)
        return {article_id: _SCORE.unpack(score)[0] for article_id, score in rows}

    async def update(self, changes: Mapping[str, Entries], merge: Merge) -> set[str]:
        if not changes:
            return set()
        return await self._database.write(lambda connection: _update(connection, changes, merge))


def _read_changed(
    connection: sqlite3.Connection, stamps: Mapping[str, int]
) -> dict[str, NeighbourList]:
    query = """SELECT article, stamp, others, scores, evidence FROM json_each(?)
        CROSS JOIN near WHERE article = key AND stamp <> value"""
    rows = connection.execute(query, (to_json(stamps),))
    return {article_id: _neighbour_list(*columns) for article_id, *columns in rows}


def _update(
    connection: sqlite3.Connection, changes: Mapping[str, Entries], merge: Merge
) -> set[str]:
    concerned: set[str] = set()
    stamp = new_stamp()
    ids = [*changes]
    for start in range(0, len(ids), _LISTS_AT_ONCE):
        part = {each: changes[each] for each in ids[start : start + _LISTS_AT_ONCE]}
        lists = _read_changed(connection, dict.fromkeys(part, 0))
        changed, concerned_here = merge_lists(lists, part, merge)
        concerned |= concerned_here
        rows = [
            (article_id, stamp, *_columns(neighbours)) for article_id, neighbours in changed.items()
        ]
        connection.executemany("INSERT OR REPLACE INTO near VALUES (?, ?, ?, ?, ?)", rows)
    return concerned


def _columns(neighbours: NeighbourList) -> tuple[str, bytes, bytes]:
    scores = array("d", neighbours.scores)
    return " ".join(neighbours.others), scores.tobytes(), b"".join(neighbours.evidence)


def _neighbour_list(stamp: int, others: str, scores: bytes, evidence: bytes) -> NeighbourList:
    """All evidence of a list is equally long."""
    ids = others.split()
    length = len(evidence) // len(ids) if ids else 0
    parts = [evidence[length * place : length * (place + 1)] for place in range(len(ids))]
    return NeighbourList(stamp, ids, array("d", scores), parts)
