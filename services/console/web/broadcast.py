"""One stream for all who watch a page: a fragment is rendered once, however many get it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.responses import StreamingResponse

SILENCE_SECONDS: Final = 15.0  # after which a comment keeps the connection from being closed
COMMENT: Final = b": still here\n\n"


class Broadcast:
    """Sends what *render* returns to every stream, whenever it differs from the last one.

    Nothing is rendered while nobody watches.
    """

    def __init__(self, render: Callable[[], Awaitable[str]], interval_seconds: float) -> None:
        self._render = render
        self._interval_seconds = interval_seconds
        self._message = b""
        self._number = 0
        self.watching = 0  # streams that are open
        self._changed = asyncio.Event()
        self._is_closed = False

    async def run(self) -> None:
        """Render at intervals, until cancelled."""
        silent_since = time.monotonic()
        while True:
            if self.watching and self._accept(await self._render()):
                silent_since = time.monotonic()
                self._wake()
            elif time.monotonic() - silent_since > SILENCE_SECONDS:
                silent_since = time.monotonic()
                self._wake()  # with nothing new: streams send a comment
            await asyncio.sleep(self._interval_seconds)

    def close(self) -> None:
        """End every stream."""
        self._is_closed = True
        self._wake()

    def respond(self) -> StreamingResponse:
        """A stream that begins with the latest fragment."""
        return StreamingResponse(
            self._follow(),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _follow(self) -> AsyncIterator[bytes]:
        # If nobody watched, the last message is as old as the last viewer: the page is newer.
        seen = 0 if self.watching else self._number
        self.watching += 1
        try:
            yield b"retry: 2000\n\n"
            while True:
                if self._number != seen:
                    seen = self._number
                    yield self._message
                elif self._is_closed:
                    return
                else:
                    await self._changed.wait()
                    if self._number == seen and not self._is_closed:
                        yield COMMENT
        finally:
            self.watching -= 1

    def _accept(self, fragment: str) -> bool:
        """Make it the message of all streams; False if it is the one they have."""
        lines = [f"data: {line}\n" for line in fragment.splitlines() if line.strip()]
        message = ("".join(lines) + "\n").encode()
        if message == self._message:
            return False
        self._message = message
        self._number += 1
        return True

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
