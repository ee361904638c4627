"""Pictures in SQLite. Their bytes are kept once by content, wherever `PictureBytes` keeps them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from shared.store.ports.picture.picture_bytes import PictureBytes
from shared.store.ports.picture.pictures import Picture
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.encoding import (
    from_micros,
    from_optional_micros,
    to_json_array,
    to_micros,
    to_optional_micros,
)

_COLUMNS = """url, state, checked_at, reason, sha256, media_type, width, height, frames, size,
    etag, last_modified, failures, replaced_at"""


class SqlitePictures:
    def __init__(self, database: Database, picture_bytes: PictureBytes) -> None:
        self._database = database
        self._bytes = picture_bytes

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures JOIN json_each(?) ON url = value"
        return await self._database.select_by_key(_picture, query, (to_json_array(urls),))

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None:
            await self._bytes.put(picture.sha256, content)
        statement = f"""INSERT OR REPLACE INTO pictures ({_COLUMNS})
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        await self._database.execute(statement, _row(picture))
        if content is not None and await self._bytes.get_size(picture.sha256) is None:
            # garbage collection removed the bytes between the two writes
            await self._bytes.put(picture.sha256, content)

    async def add_references(self, urls_by_article: Mapping[str, Collection[str]]) -> None:
        rows = [(url, article) for article, urls in urls_by_article.items() for url in urls]
        await self._database.execute_many("INSERT OR IGNORE INTO namings VALUES (?, ?)", rows)

    async def find_referring_articles(self, urls: Collection[str]) -> dict[str, list[str]]:
        query = """SELECT url, article FROM namings JOIN json_each(?) ON url = value
            ORDER BY url, article"""
        articles: dict[str, list[str]] = {}
        for url, article_id in await self._database.fetch_all(query, (to_json_array({*urls}),)):
            articles.setdefault(url, []).append(article_id)
        return articles

    async def find_referenced(self, sha256s: Collection[str]) -> set[str]:
        query = """SELECT DISTINCT sha256 FROM pictures JOIN json_each(?) ON sha256 = value
            WHERE state = 'cached'"""
        rows = await self._database.fetch_all(query, (to_json_array(sha256s),))
        return {sha256 for (sha256,) in rows}

    async def list_page(self, after: str = "", limit: int = 500) -> list[Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures WHERE url > ? ORDER BY url LIMIT ?"
        return await self._database.select(_picture, query, (after, limit))

    async def counts(self) -> dict[str, int]:
        query = """SELECT (SELECT count(*) FROM pictures WHERE state = 'cached'),
            (SELECT count(*) FROM pictures WHERE state = 'failed'),
            (SELECT count(DISTINCT sha256) FROM pictures WHERE state = 'cached')"""
        row = await self._database.fetch_one(query)
        return dict(zip(("cached", "failed", "contents"), row, strict=True))


def _row(picture: Picture) -> tuple[object, ...]:
    return (
        picture.url,
        picture.state,
        to_micros(picture.checked_at),
        picture.reason,
        picture.sha256,
        picture.media_type,
        picture.width,
        picture.height,
        picture.frames,
        picture.size,
        picture.etag,
        picture.last_modified,
        picture.failures,
        to_optional_micros(picture.replaced_at),
    )


def _picture(row: Sequence[Any]) -> Picture:
    return Picture(
        url=row[0],
        state=row[1],
        checked_at=from_micros(row[2]),
        reason=row[3],
        sha256=row[4],
        media_type=row[5],
        width=row[6],
        height=row[7],
        frames=row[8],
        size=row[9],
        etag=row[10],
        last_modified=row[11],
        failures=row[12],
        replaced_at=from_optional_micros(row[13]),
    )
