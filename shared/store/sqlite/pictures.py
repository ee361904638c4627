"""Pictures in SQLite; their bytes in files beside the database, kept once by content."""

import asyncio
import json
import os
import tempfile
from collections.abc import Collection
from pathlib import Path

from shared import failpoints
from shared.errors import StoreAway
from shared.store.pictures import Picture
from shared.store.sqlite.database import Database, from_micros, to_micros

_COLUMNS = (
    "url, state, checked_at, reason, sha256, media_type, width, height, frames, size, etag, last_modified, failures"
)


class SqlitePictures:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = Path(f"{database.path}.pictures")

    async def get(self, urls: Collection[str]) -> dict[str, Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures JOIN json_each(?) ON url = value"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (json.dumps([*urls]),)).fetchall()
        )
        return {row[0]: _picture(row) for row in rows}

    async def save(self, picture: Picture, content: bytes | None = None) -> None:
        if content is not None:
            await asyncio.to_thread(self._keep, picture.sha256, content)
            await failpoints.reached("blob")
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
        )
        statement = f"INSERT OR REPLACE INTO pictures ({_COLUMNS}) VALUES ({', '.join('?' * len(values))})"
        await self._database.write(lambda connection: connection.execute(statement, values))

    async def content(self, sha256: str) -> bytes | None:
        try:
            return await asyncio.to_thread(self._file(sha256).read_bytes)
        except FileNotFoundError:
            return None

    async def discard(self, sha256: str) -> None:
        await asyncio.to_thread(self._file(sha256).unlink, missing_ok=True)

    async def page(self, after: str = "", limit: int = 500) -> list[Picture]:
        query = f"SELECT {_COLUMNS} FROM pictures WHERE url > ? ORDER BY url LIMIT ?"
        rows = await self._database.read(lambda connection: connection.execute(query, (after, limit)).fetchall())
        return [_picture(row) for row in rows]

    async def counts(self) -> dict[str, int]:
        query = """SELECT count(*) FILTER (WHERE state = 'cached'), count(*) FILTER (WHERE state = 'failed'),
            count(DISTINCT sha256) FILTER (WHERE state = 'cached') FROM pictures"""
        row = await self._database.read(lambda connection: connection.execute(query).fetchone())
        return dict(zip(("cached", "failed", "contents"), row, strict=True))

    def _file(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _keep(self, sha256: str, content: bytes) -> None:
        """Written under another name, flushed, renamed: nobody ever sees half a picture."""
        file = self._file(sha256)
        try:
            if file.exists() and file.stat().st_size == len(content):
                return
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".")
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file)
        except OSError as error:
            raise StoreAway(f"a picture cannot be kept in {self._folder}: {error}; is the disk full?") from error


def _picture(row: tuple[str, str, int, str, str, str, int, int, int, int, str, str, int]) -> Picture:
    url, state, checked_at, reason, sha256, media_type, width, height, frames, size, etag, last_modified, failures = row
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
    )
