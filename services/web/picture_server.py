"""`GET /images/{sha256}[?w=]`: kept pictures and their thumbnails, under names that never change their meaning.

Only what was verified is served: a content that is described, whose bytes still have the hash they are asked by.
"""

import asyncio
import hashlib
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.web.paced_response import Sending
from services.web.ranges import Unsatisfiable, span
from shared.errors import StoreAway
from shared.memory_budget import Room
from shared.store import Content, Store, thumbnail_name

ROOM: Final = 128 * 2**20  # bytes of pictures in memory, until they are sent: each may have 15 MB
PATIENCE_SECONDS: Final = 5.0  # for room, while others read slowly
_NAME: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WIDTH: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_NOW: Final = "public, max-age=60"
_GUARDS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",  # should a browser take one for a page after all
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class PictureServer:
    """The endpoint. What blocks: each answer waits for the store."""

    def __init__(self, store: Store, room: int = ROOM, patience: float = PATIENCE_SECONDS) -> None:
        self._store = store
        self._room = Room(room)
        self._patience = patience

    async def answer(self, request: Request) -> Response:
        sha256, width = request.path_params["sha256"], request.query_params.get("w")
        if not _NAME.fullmatch(sha256):
            return _refused(404, "no such picture")
        if width is not None and not _WIDTH.fullmatch(width):
            return _refused(400, "w is a width in pixels")
        try:
            content = (await self._store.contents.get([sha256])).get(sha256)
            if content is None:
                return _refused(404, "no such picture")
            return await self._picture(content, int(width or 0), request)
        except StoreAway:
            return _refused(503, "the store is away", {"Retry-After": "5"})
        except TimeoutError:
            return _refused(503, "too much is being sent", {"Retry-After": "5"})

    async def _picture(self, content: Content, width: int, request: Request) -> Response:
        name, kind, size = _fitting(content, width)
        headers = _GUARDS | {
            "ETag": f'"{name}-{size}"',
            "Cache-Control": _FOR_EVER,
            "Accept-Ranges": "bytes",
        }
        if _is_known(request.headers, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            return Response(headers=headers | {"Content-Length": str(size)}, media_type=kind)
        sent = await self._sending(name, content, size, kind, headers, request)
        if (
            sent is None and name != content.sha256
        ):  # the thumbnail is gone: the original does as well
            headers |= {"Cache-Control": _FOR_NOW, "ETag": f'"{content.sha256}"'}
            sent = await self._sending(
                content.sha256, content, content.size, content.media_type, headers, request
            )
        return sent or _refused(404, "no such picture")

    async def _sending(
        self,
        name: str,
        content: Content,
        size: int,
        kind: str,
        headers: dict[str, str],
        request: Request,
    ) -> Response | None:
        """The answer, with room for it; None if the bytes are not there. Raises TimeoutError when there is no room."""
        async with asyncio.timeout(self._patience):
            share = await self._room.take(size)
        found = None
        try:
            found = await self._sound(name, content, size)
        finally:
            if found is None:
                share.leave()
        return None if found is None else Sending(_ranged(found, kind, headers, request), share)

    async def _sound(self, name: str, content: Content, size: int) -> bytes | None:
        """The bytes, if they are what was verified."""
        found = await self._store.bytes.get(name)
        if found is None or len(found) != size:
            return None
        if name == content.sha256 and await asyncio.to_thread(_hash, found) != name:
            return None
        return found


def _fitting(content: Content, width: int) -> tuple[str, str, int]:
    """Name, type and size in bytes of the narrowest that is wide enough; the original when none is, or none is asked.

    Thumbnails of animations stand still, and are served all the same: whoever asks for a width wants a small one.
    """
    for thumbnail in content.thumbnails if width else ():
        if thumbnail.width >= width:
            return thumbnail_name(content.sha256, thumbnail.width), "image/webp", thumbnail.size
    return content.sha256, content.media_type, content.size


def _is_known(headers: Headers, tag: str) -> bool:
    asked = headers.get("if-none-match", "")
    return asked.strip() == "*" or tag in [
        one.strip().removeprefix("W/") for one in asked.split(",")
    ]


def _ranged(found: bytes, kind: str, headers: dict[str, str], request: Request) -> Response:
    """All of it, or the part that was asked for."""
    asked = (
        request.headers.get("range")
        if request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
        else None
    )
    try:
        part = span(asked or "", len(found))
    except Unsatisfiable:
        return _refused(416, "there is no such part", {"Content-Range": f"bytes */{len(found)}"})
    if part is None:
        return Response(found, headers=headers, media_type=kind)
    first, last = part
    headers = headers | {"Content-Range": f"bytes {first}-{last}/{len(found)}"}
    return Response(found[first : last + 1], 206, headers, kind)


def _refused(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(
        f"{why}\n", status, _GUARDS | {"Cache-Control": "no-store"} | (headers or {})
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
