"""`GET /images/{sha256}[?w=]`: stored pictures and their thumbnails.

A URL never changes its meaning. Only what was verified is served: content that has a description
and whose bytes still have the hash in the URL.
"""

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.web.http.conditional import matches
from services.web.http.problems import RETRY_SOON, build_problem
from services.web.paced_response import PacedResponse
from shared.concurrency.memory_budget import MemoryBudget
from shared.errors import StoreUnavailable
from shared.store import Content, Store, thumbnail_name

MAX_MEMORY: Final = 128 * 2**20  # bytes of pictures that are being sent; each may have 15 MB
MAX_WAIT_SECONDS: Final = 5.0  # for memory, while other readers are slow
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WIDTH: Final = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_A_MINUTE: Final = "public, max-age=60"
_SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Should a browser take a picture for a page after all.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True)
class Rendition:
    """The original or a thumbnail. *name* is that of its bytes in the store, *size* in bytes."""

    name: str
    media_type: str
    size: int
    etag: str
    cache_control: str = _FOR_EVER

    @property
    def headers(self) -> dict[str, str]:
        return _SECURITY_HEADERS | {"ETag": self.etag, "Cache-Control": self.cache_control}


class PictureServer:
    """The endpoint. Every answer reads the store.

    *memory* in bytes bounds the pictures that are being sent; an answer waits for it for
    *wait_seconds*.
    """

    def __init__(
        self,
        store: Store,
        memory: int = MAX_MEMORY,
        wait_seconds: float = MAX_WAIT_SECONDS,
    ) -> None:
        self._store = store
        self._memory = MemoryBudget(memory)
        self._wait_seconds = wait_seconds

    async def answer(self, request: Request) -> Response:
        sha256, width = request.path_params["sha256"], request.query_params.get("w")
        if not _SHA256.fullmatch(sha256):
            return _refuse(404, "no such picture")
        if width is not None and not _WIDTH.fullmatch(width):
            return _refuse(400, "w is a width in pixels")
        try:
            contents = await self._store.contents.get([sha256])
            if sha256 not in contents:
                return _refuse(404, "no such picture")
            return await self._answer(contents[sha256], int(width or 0), request)
        except StoreUnavailable:
            return _refuse(503, "the store is unavailable", RETRY_SOON)
        except TimeoutError:
            return _refuse(503, "too many pictures are being sent", RETRY_SOON)

    async def _answer(self, content: Content, width: int, request: Request) -> Response:
        rendition = _choose_rendition(content, width)
        if matches(request.headers.get("if-none-match", ""), rendition.etag):
            return Response(status_code=304, headers=rendition.headers)
        if request.method == "HEAD":
            headers = rendition.headers | {"Content-Length": str(rendition.size)}
            return Response(headers=headers, media_type=rendition.media_type)
        response = await self._send(rendition, content.sha256)
        if response is None and rendition.name != content.sha256:
            # The thumbnail is gone: the original stands in, until the thumbnail is made again.
            response = await self._send(_substitute_original(content), content.sha256)
        return response or _refuse(404, "no such picture")

    async def _send(self, rendition: Rendition, sha256: str) -> Response | None:
        """The response, with memory reserved for it; None if the bytes are missing.

        Raises TimeoutError if no memory becomes free.
        """
        async with asyncio.timeout(self._wait_seconds):
            reservation = await self._memory.reserve(rendition.size)
        body = None
        try:
            body = await self._load(rendition, sha256)
        finally:
            if body is None:
                reservation.release()
        if body is None:
            return None
        response = Response(body, headers=rendition.headers, media_type=rendition.media_type)
        return PacedResponse(response, reservation)

    async def _load(self, rendition: Rendition, sha256: str) -> bytes | None:
        """The bytes, if they are those that were verified."""
        body = await self._store.picture_bytes.get(rendition.name)
        if body is None or len(body) != rendition.size:
            return None
        if rendition.name == sha256 and await asyncio.to_thread(_hash, body) != sha256:
            return None
        return body


def _choose_rendition(content: Content, width: int) -> Rendition:
    """The narrowest rendition of at least *width* pixels; the original if there is none, or if
    *width* is 0.

    Thumbnails of animations stand still, and are served all the same: a reader who names a width
    wants a small picture.
    """
    name, media_type, size = content.sha256, content.media_type, content.size
    wide_enough = [thumbnail for thumbnail in content.thumbnails if thumbnail.width >= width > 0]
    if wide_enough:
        thumbnail = wide_enough[0]
        name = thumbnail_name(content.sha256, thumbnail.width)
        media_type, size = "image/webp", thumbnail.size
    return Rendition(name, media_type, size, etag=f'"{name}-{size}"')


def _substitute_original(content: Content) -> Rendition:
    return Rendition(
        content.sha256,
        content.media_type,
        content.size,
        etag=f'"{content.sha256}"',
        cache_control=_FOR_A_MINUTE,
    )


def _refuse(status: int, reason: str, extra_headers: dict[str, str] | None = None) -> Response:
    return build_problem(status, reason, _SECURITY_HEADERS | (extra_headers or {}))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
