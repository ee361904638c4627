"""A response with a picture: sent piece by piece, and in memory only until it is sent."""

import asyncio
import logging
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.concurrency.memory_budget import MemoryReservation

PIECE_BYTES: Final = 64 * 1024  # as many as the server accepts before it waits for the reader
# A phone on a bad day; the connection to a slower reader is closed.
MIN_BYTES_PER_SECOND: Final = 50_000
GRACE_SECONDS: Final = 10.0  # for the smallest picture

log = logging.getLogger(__name__)


class PacedResponse(Response):
    """Sends *response*, and releases the *reservation* of its memory once it is sent."""

    def __init__(
        self,
        response: Response,
        reservation: MemoryReservation,
        min_bytes_per_second: float = MIN_BYTES_PER_SECOND,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self.status_code = response.status_code
        self.raw_headers = response.raw_headers
        self.body = response.body
        self.background = None
        self._reservation = reservation
        self._seconds = grace_seconds + len(self.body) / min_bytes_per_second

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(send)
        except TimeoutError:  # to return before the body's end closes the connection
            log.warning(
                "%s: the reader took longer than %.0f s; its connection was closed",
                scope["path"],
                self._seconds,
            )
        finally:
            self._reservation.release()

    async def _send(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        for start in range(0, len(self.body), PIECE_BYTES):
            piece = bytes(self.body[start : start + PIECE_BYTES])
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
