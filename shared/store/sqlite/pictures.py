"""Pictures in SQLite; their bytes are kept once by content, where `PictureBytes` has its place."""

import json
from collections.abc import Collection, Mapping

from shared.store.ports.picture_bytes import PictureBytes
from shared.store.ports.pictures import Picture
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = (
    "url, state, checked_at, reason, sha256, media_type, width, height, frames, size, etag, last_modified, failures,"
    " replaced_at"
)


class SqlitePictures:
    def __init__(self, database: Database, place: PictureBytes) -> None:
        self._database = database
        self._bytes = place

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures JOIN json_each(?) ON url = value"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (json.dumps([*urls]),)).fetchall()
        )
        return {row[0]: _picture(row) for row in rows}

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None:
            await self._bytes.put(picture.sha256, content)
        values = (
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
            to_micros(picture.replaced_at) if picture.replaced_at else None,
        )
        statement = (
            f"INSERT OR REPLACE INTO pictures ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})"
        )
        await self._database.write(lambda connection: connection.execute(statement, values))
        if content is not None and await self._bytes.size(picture.sha256) is None:
            await self._bytes.put(
                picture.sha256, content
            )  # collected as an orphan between the two writes

    async def note(self, namings: Mapping[str, Collection[str]]) -> None:
        rows = [(url, article) for article, urls in namings.items() for url in urls]
        statement = "INSERT OR IGNORE INTO namings VALUES (?, ?)"
        if rows:
            await self._database.write(lambda connection: connection.executemany(statement, rows))

    async def naming(self, urls: Collection[str]) -> dict[str, list[str]]:
        query = "SELECT url, article FROM namings JOIN json_each(?) ON url = value ORDER BY url, article"
        values = (json.dumps([*set(urls)]),)
        rows = await self._database.read(
            lambda connection: connection.execute(query, values).fetchall()
        )
        found: dict[str, list[str]] = {}
        for url, article in rows:
            found.setdefault(url, []).append(article)
        return found

    async def referred(self, sha256s: Collection[str]) -> set[str]:
        query = "SELECT DISTINCT sha256 FROM pictures JOIN json_each(?) ON sha256 = value WHERE state = 'cached'"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (json.dumps([*sha256s]),)).fetchall()
        )
        return {row[0] for row in rows}

    async def page(self, after: str = "", limit: int = 500) -> list[Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures WHERE url > ? ORDER BY url LIMIT ?"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (after, limit)).fetchall()
        )
        return [_picture(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        query = """SELECT count(*) FILTER (WHERE state = 'cached'), count(*) FILTER (WHERE state = 'failed'),
            count(DISTINCT sha256) FILTER (WHERE state = 'cached') FROM pictures"""
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("cached", "failed", "contents"), row, strict=True))


def _picture(
    row: tuple[str, str, int, str, str, str, int, int, int, int, str, str, int, int | None],
) -> Picture:
    (
        url,
        state,
        checked_at,
        reason,
        sha256,
        media_type,
        width,
        height,
        frames,
        size,
        etag,
        last_modified,
    ) = row[:12]
    failures, replaced_at = row[12:]
    return Picture(
        url=url,
        state="cached" if state == "cached" else "failed",
        checked_at=from_micros(checked_at),
        reason=reason,
        sha256=sha256,
        media_type=media_type,
        width=width,
        height=height,
        frames=frames,
        size=size,
        etag=etag,
        last_modified=last_modified,
        failures=failures,
        replaced_at=None if replaced_at is None else from_micros(replaced_at),
    )
