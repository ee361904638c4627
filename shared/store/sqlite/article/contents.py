"""What is known of pictures' contents, in SQLite."""

import json
from collections.abc import Collection, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from shared.store.ports.article.contents import Content, Thumbnail
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import from_micros, to_json_array, to_micros

_COLUMNS = """sha256, media_type, width, height, frames, size, colour, blurhash, thumbnails,
    described_at"""


class SqliteContents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, content: Content) -> None:
        statement = f"""INSERT OR REPLACE INTO contents ({_COLUMNS})
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        await self._database.execute(statement, _row(content))

    async def get(self, sha256s: Collection[str]) -> dict[str, Content]:
        query = f"SELECT {_COLUMNS} FROM contents JOIN json_each(?) ON sha256 = value"
        return await self._database.select_by_key(_content, query, (to_json_array(sha256s),))

    async def list_page(self, after: str = "", limit: int = 500) -> list[Content]:
        query = f"SELECT {_COLUMNS} FROM contents WHERE sha256 > ? ORDER BY sha256 LIMIT ?"
        return await self._database.select(_content, query, (after, limit))

    async def delete(self, sha256: str, described_before: datetime) -> bool:
        statement = "DELETE FROM contents WHERE sha256 = ? AND described_at < ?"
        deleted = await self._database.execute(statement, (sha256, to_micros(described_before)))
        return deleted > 0


def _row(content: Content) -> tuple[object, ...]:
    thumbnails = [astuple(thumbnail) for thumbnail in content.thumbnails]
    return (
        content.sha256,
        content.media_type,
        content.width,
        content.height,
        content.frames,
        content.size,
        content.colour,
        content.blurhash,
        json.dumps(thumbnails),
        to_micros(content.described_at),
    )


def _content(row: Sequence[Any]) -> Content:
    thumbnails = tuple(Thumbnail(*numbers) for numbers in json.loads(row[8]))
    return Content(
        sha256=row[0],
        media_type=row[1],
        width=row[2],
        height=row[3],
        frames=row[4],
        size=row[5],
        colour=row[6],
        blurhash=row[7],
        thumbnails=thumbnails,
        described_at=from_micros(row[9]),
    )
