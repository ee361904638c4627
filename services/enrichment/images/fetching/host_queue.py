"""The line before a host's few connections. Who would wait long is sent away at once, and comes back later.

How long that is follows from what the host itself needs, not from how busy this worker is.
"""

import asyncio
from collections import deque
from collections.abc import Callable

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
    """Lets in *connections* at a time, in the order they came. *clock* gives seconds that only grow."""

    def __init__(self, connections: int, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._clock = clock
        self._free = connections
        self._inside: dict[object, float] = {}  # since when, the latest last
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._visit = 0.0  # seconds that a visit takes, on average; 0 until there was one

    async def enter(self) -> object:
        """A visitor, who is to leave again. Raises LeftAlone if the host would need more than SLOT_SECONDS for us."""
        await self._turn()
        visitor = object()
        self._inside[visitor] = self._clock()
        return visitor

    def leave(self, visitor: object) -> None:
        del self._inside[visitor]
        self._next()

    def refusal(self) -> LeftAlone | None:
        """What `enter` would raise now for one more."""
        if self._free or self._wait(len(self._waiting) + 1, self._expected()) <= SLOT_SECONDS:
            return None
        return self._busy()

    def took(self, seconds: float) -> None:
        """So long did the host need for a visit. Who stands too far behind now is sent away."""
        self._visit = seconds if not self._visit else (1 - NEWEST) * self._visit + NEWEST * seconds
        while self._waiting and self._wait(len(self._waiting), self._visit) > SLOT_SECONDS:
            self._refuse(self._waiting.pop(), self._busy())

    def send_away(self, why: str, after: float, counts: bool) -> None:
        """No one waits any longer: each gets LeftAlone."""
        while self._waiting:
            self._refuse(self._waiting.popleft(), LeftAlone(why, after, counts))

    async def _turn(self) -> None:
        if refusal := self.refusal():
            raise refusal
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            self._give_up(turn)
            raise

    def _give_up(self, turn: "asyncio.Future[None]") -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled() and turn.exception() is None:
            self._next()  # its turn came in the same moment

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

    def _wait(self, place: int, visit: float) -> float:
        """Seconds until the turn of who stands at *place*, if a visit takes *visit* seconds."""
        return place * visit / self._connections

    def _expected(self) -> float:
        """Seconds that a visit takes: what the latest took, or at least what all who are inside have already spent."""
        latest = next(reversed(self._inside.values()), None)
        return self._visit if latest is None else max(self._visit, self._clock() - latest)

    def _busy(self) -> LeftAlone:
        after = max(SLOT_SECONDS, self._wait(len(self._waiting), self._expected()))
        return LeftAlone("the host is busy with others of ours", after, counts=False)
