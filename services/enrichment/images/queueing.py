"""The line before a host's few connections. Who would wait long is sent away at once, and comes back later."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from services.enrichment.images.limits import SLOT_SECONDS

NEWEST = 0.3  # what the latest visit weighs in the average


class LeftAlone(Exception):
    """The host is down, or busy with others of ours. Consequence: parked without a connection.

    *after* is in seconds; *counts* says whether that was one of the attempts a picture has.
    """

    def __init__(self, why: str, after: float, counts: bool) -> None:
        super().__init__(why)
        self.after = after
        self.counts = counts


class Line:
    """Lets in *connections* at a time, in the order they came."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._free = connections
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._visit = 0.0  # seconds that a visit takes, on average; 0 until there was one

    @asynccontextmanager
    async def place(self, clock: Callable[[], float]) -> AsyncIterator[None]:
        """A connection's place. Raises LeftAlone when that took, or would take, more than SLOT_SECONDS."""
        await self._enter()
        since = clock()
        try:
            yield
        finally:
            self._leave(clock() - since)

    def send_away(self, why: str, after: float, counts: bool) -> None:
        """No one waits any longer: each gets LeftAlone."""
        while self._waiting:
            self._refuse(self._waiting.popleft(), LeftAlone(why, after, counts))

    async def _enter(self) -> None:
        if self._free:
            self._free -= 1
            return
        if self._wait(len(self._waiting) + 1) > SLOT_SECONDS:
            raise self._busy()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(SLOT_SECONDS):
                await turn
        except BaseException as error:
            self._give_up(turn)
            if isinstance(error, TimeoutError):
                raise self._busy() from error
            raise

    def _give_up(self, turn: "asyncio.Future[None]") -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:
            self._next()  # its turn came in the same moment

    def _leave(self, seconds: float) -> None:
        self._visit = seconds if not self._visit else (1 - NEWEST) * self._visit + NEWEST * seconds
        self._next()
        while self._waiting and self._wait(len(self._waiting)) > SLOT_SECONDS:
            self._refuse(self._waiting.pop(), self._busy())

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _refuse(self, turn: "asyncio.Future[None]", why: LeftAlone) -> None:
        if not turn.done():
            turn.set_exception(why)

    def _wait(self, place: int) -> float:
        """Seconds until the turn of who stands at *place*."""
        return place * self._visit / self._connections

    def _busy(self) -> LeftAlone:
        after = max(SLOT_SECONDS, self._wait(len(self._waiting)))
        return LeftAlone("the host is busy with others of ours", after, counts=False)
