"""An answer with a picture: sent piece by piece, and out of memory only when it is."""

import asyncio
import logging
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.memory_budget import Share

PIECE: Final = 64 * 1024  # bytes: as many as the server takes before it waits for the reader
SLOWEST: Final = 50_000  # bytes a second: a phone on a bad day; who reads slower is hung up on
GRACE_SECONDS: Final = 10.0  # for the smallest

log = logging.getLogger(__name__)


class Sending(Response):
    """*answer*, which holds its *share* of the room until it is sent."""

    def __init__(
        self, answer: Response, share: Share, slowest: float = SLOWEST, grace: float = GRACE_SECONDS
    ) -> None:
        self.status_code, self.raw_headers, self.body = (
            answer.status_code,
            answer.raw_headers,
            answer.body,
        )
        self.background = None
        self._share = share
        self._seconds = grace + len(self.body) / slowest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(send)
        except TimeoutError:  # returning without an end hangs up
            log.warning(
                "%s: hung up on a reader that took longer than %.0f s", scope["path"], self._seconds
            )
        finally:
            self._share.leave()

    async def _send(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        for start in range(0, len(self.body), PIECE):
            piece = bytes(self.body[start : start + PIECE])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
