"""What we allow ourselves towards one host: few connections at a time, and a pause when it is down."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.enrichment.images.limits import SLOT_SECONDS

FAILURES = 5  # in a row, after which the host is left alone
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 600.0  # seconds; doubled each time it is still down
REMEMBERED = 2_000  # hosts


class LeftAlone(Exception):
    """The host is down, or busy with others of ours. Consequence: parked without a connection."""

    def __init__(self, why: str, after: float) -> None:
        super().__init__(why)
        self.after = after  # seconds


@dataclass
class Host:
    """One host's connections and breaker. Half open, it lets one attempt through."""

    slots: asyncio.Semaphore
    failures: int = 0
    pause: float = FIRST_PAUSE
    closed_until: float = 0
    probing: bool = False
    users: int = field(default=0)

    def admit(self, now: float) -> None:
        """Raises LeftAlone while the breaker is open."""
        if self.failures < FAILURES:
            return
        if now < self.closed_until or self.probing:
            raise LeftAlone("the host failed several times in a row", max(1.0, self.closed_until - now))
        self.probing = True

    def succeeded(self) -> None:
        self.failures, self.pause, self.probing = 0, FIRST_PAUSE, False

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.probing:
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self.probing = False
        self.closed_until = now + self.pause


class Hosts:
    """Every host met lately. *clock* gives seconds that only grow."""

    def __init__(self, per_host: int, clock: Callable[[], float]) -> None:
        self._per_host = per_host
        self._clock = clock
        self._hosts: OrderedDict[str, Host] = OrderedDict()

    @asynccontextmanager
    async def slot(self, name: str) -> AsyncIterator["Visit"]:
        """One of the few connections to this host. Raises LeftAlone."""
        host = self._host(name)
        host.users += 1
        try:
            await self._acquire(host)
            try:
                host.admit(self._clock())
                try:
                    yield Visit(host, self._clock)
                finally:
                    host.probing = False  # also when the attempt was cancelled
            finally:
                host.slots.release()
        finally:
            host.users -= 1

    async def _acquire(self, host: Host) -> None:
        try:
            await asyncio.wait_for(host.slots.acquire(), SLOT_SECONDS)
        except TimeoutError as error:
            raise LeftAlone("the host is busy with others of ours", SLOT_SECONDS) from error

    def _host(self, name: str) -> Host:
        host = self._hosts.setdefault(name, Host(asyncio.Semaphore(self._per_host)))
        self._hosts.move_to_end(name)
        idle = [other for other, known in self._hosts.items() if not known.users and known is not host]
        for other in idle[: max(0, len(self._hosts) - REMEMBERED)]:
            del self._hosts[other]
        return host


@dataclass(frozen=True)
class Visit:
    """An attempt that was let through, and must say how it went."""

    _host: Host
    _clock: Callable[[], float]

    def went(self, well: bool) -> None:
        if well:
            self._host.succeeded()
        else:
            self._host.failed(self._clock())
