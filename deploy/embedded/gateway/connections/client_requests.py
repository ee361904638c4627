"""The requests of one client, in their order."""

import asyncio

from deploy.embedded.gateway.protocol.frames import read_frame


class ClientRequests:
    """Reads one request after another, at most one ahead.

    An answer that waits can see whether another request stands behind it.
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._ahead: asyncio.Task[bytes | None] | None = None

    async def read(self) -> bytes | None:
        """The next request, or None at the end of the stream. Raises as `read_frame` does."""
        if self._ahead is None:
            return await read_frame(self._reader)
        frame = await self._ahead
        self._ahead = None
        return frame

    def read_ahead(self) -> asyncio.Task[bytes | None]:
        """The reading of the next request, which is done once that or the end is there.

        Do not cancel it: `read` goes on with it.
        """
        if self._ahead is None:
            self._ahead = asyncio.create_task(read_frame(self._reader))
        return self._ahead

    @property
    def is_another_here(self) -> bool:
        """Whether the next request was read already, or the stream has ended."""
        return self._ahead is not None and self._ahead.done()

    def close(self) -> None:
        """Read no further."""
        if self._ahead is not None:
            self._ahead.add_done_callback(_discard)
            self._ahead.cancel()


def _discard(reading: asyncio.Task[bytes | None]) -> None:
    """Take note of its error, if it has one: nobody else will."""
    if not reading.cancelled():
        reading.exception()
