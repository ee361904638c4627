"""The queue for a host's few connections.

A request that would wait long is refused at once and comes back later. How long the wait is follows
from the time that the host itself needs, not from how busy this worker is.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from services.enrichment.images.fetch_outcome import RetryLater
from services.enrichment.images.limits import MAX_QUEUE_SECONDS

LATEST_WEIGHT: Final = 0.3  # of the latest visit in the moving average


class HostNotReady(Exception):
    """The host is down, asked us to wait, or has a long queue. Consequence: parked without a
    connection.

    *retry_after* is in seconds; *is_attempt* says whether it counts towards the attempts of a URL.
    """

    def __init__(self, reason: str, retry_after: float, is_attempt: bool) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.is_attempt = is_attempt

    @property
    def outcome(self) -> RetryLater:
        return RetryLater(
            str(self), self.retry_after, is_host_failure=False, is_attempt=self.is_attempt
        )


class HostQueue:
    """Admits *connections* visitors at a time, first come, first served.

    *clock* gives seconds that only grow.
    """

    def __init__(self, connections: int, clock: Callable[[], float]) -> None:
        self._connections = connections
        self._clock = clock
        self._free = connections
        self._admitted_at: dict[object, float] = {}  # by visitor, the latest last
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._average_visit = 0.0  # seconds; 0 before the first visit

    async def enter(self) -> object:
        """Wait for a connection; returns the visitor, who must `leave`.

        Raises HostNotReady if the host would need more than MAX_QUEUE_SECONDS for those ahead.
        """
        await self._wait_for_turn()
        visitor = object()
        self._admitted_at[visitor] = self._clock()
        return visitor

    def leave(self, visitor: object) -> None:
        del self._admitted_at[visitor]
        self._admit_next()

    def refusal(self) -> HostNotReady | None:
        """What `enter` would raise for one more visitor."""
        if self._free:
            return None
        wait = self._seconds_until_turn(len(self._waiting) + 1, self._expected_visit())
        return self._busy() if wait > MAX_QUEUE_SECONDS else None

    def record_visit(self, seconds: float) -> None:
        """The host needed so long for a visit. Who waits too far back now is refused."""
        if self._average_visit:
            earlier = (1 - LATEST_WEIGHT) * self._average_visit
            self._average_visit = earlier + LATEST_WEIGHT * seconds
        else:
            self._average_visit = seconds
        while self._waiting:
            wait = self._seconds_until_turn(len(self._waiting), self._average_visit)
            if wait <= MAX_QUEUE_SECONDS:
                return
            _refuse(self._waiting.pop(), self._busy())

    def refuse_all(self, reason: str, retry_after: float, is_attempt: bool) -> None:
        """Everyone who waits gets HostNotReady."""
        while self._waiting:
            _refuse(self._waiting.popleft(), HostNotReady(reason, retry_after, is_attempt))

    async def _wait_for_turn(self) -> None:
        refusal = self.refusal()
        if refusal is not None:
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
            self._admit_next()  # its turn came at the moment when it was cancelled

    def _admit_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _seconds_until_turn(self, place: int, visit: float) -> float:
        """For the visitor at *place*, if a visit takes *visit* seconds."""
        return place * visit / self._connections

    def _expected_visit(self) -> float:
        """Seconds: the average, or at least what the latest visitor has already spent."""
        latest = next(reversed(self._admitted_at.values()), None)
        if latest is None:
            return self._average_visit
        return max(self._average_visit, self._clock() - latest)

    def _busy(self) -> HostNotReady:
        wait = self._seconds_until_turn(len(self._waiting), self._expected_visit())
        reason = "too many requests wait for the host"
        return HostNotReady(reason, max(MAX_QUEUE_SECONDS, wait), is_attempt=False)


def _refuse(turn: "asyncio.Future[None]", refusal: HostNotReady) -> None:
    if not turn.done():
        turn.set_exception(refusal)
