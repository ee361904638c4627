"""What we allow ourselves towards one host: few connections at a time, and a pause when it is down."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from services.enrichment.images.fetching.host_queue import LeftAlone, Line

FAILURES = 5  # in a row, after which the host is left alone
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 600.0  # seconds; doubled each time it is still down
REMEMBERED = 2_000  # hosts


@dataclass
class Host:
    """One host's connections and breaker. Half open, it lets one attempt through."""

    line: Line
    failures: int = 0
    pause: float = FIRST_PAUSE
    closed_until: float = 0
    probing: bool = False
    resting_until: float = 0
    users: int = field(default=0)

    def refusal(self, now: float) -> LeftAlone | None:
        """Why nobody is let in: the breaker is open, or the host asked us to wait."""
        if now < self.resting_until:
            return LeftAlone("the host asked us to wait", self.resting_until - now, counts=False)
        if self.failures >= FAILURES and (now < self.closed_until or self.probing):
            return LeftAlone(
                "the host failed several times in a row",
                max(1.0, self.closed_until - now),
                counts=True,
            )
        return None

    def admit(self, now: float) -> None:
        """Raises LeftAlone."""
        if refusal := self.refusal(now):
            raise refusal

    def succeeded(self) -> None:
        self.failures, self.pause, self.probing = 0, FIRST_PAUSE, False

    def failed(self, now: float) -> None:
        self.failures += 1
        if self.probing:
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
        self.probing = False
        self.closed_until = now + self.pause
        if self.failures >= FAILURES:
            self.line.send_away("the host failed several times in a row", self.pause, counts=True)

    def rest(self, now: float, seconds: float) -> None:
        """The host asked for it; more than that, it is asked for nothing."""
        self.resting_until = max(self.resting_until, now + seconds)
        self.line.send_away("the host asked us to wait", seconds, counts=False)


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
            host.admit(self._clock())
            visitor = await host.line.enter()
            try:
                host.admit(self._clock())
                host.probing = host.failures >= FAILURES
                try:
                    yield Visit(host, self._clock)
                finally:
                    host.probing = False  # also when the attempt was cancelled
            finally:
                host.line.leave(visitor)
        finally:
            host.users -= 1

    def refusal(self, name: str) -> LeftAlone | None:
        """What `slot` would raise now. It costs nothing: a host that is down may have thousands of pictures."""
        host = self._hosts.get(name)
        return (host.refusal(self._clock()) or host.line.refusal()) if host else None

    def _host(self, name: str) -> Host:
        host = self._hosts.setdefault(name, Host(Line(self._per_host, self._clock)))
        self._hosts.move_to_end(name)
        if len(self._hosts) > REMEMBERED:
            idle = [
                other
                for other, known in self._hosts.items()
                if not known.users and known is not host
            ]
            for other in idle[: len(self._hosts) - REMEMBERED]:
                del self._hosts[other]
        return host


@dataclass(frozen=True)
class Visit:
    """An attempt that was let through, and must say how it went."""

    _host: Host
    _clock: Callable[[], float]

    def went(self, well: bool, seconds: float, rest: float | None = None) -> None:
        """*seconds* is what it took; *rest* what the host asked us to stay away."""
        self._host.line.took(seconds)
        if well:
            self._host.succeeded()
        else:
            self._host.failed(self._clock())
        if rest:
            self._host.rest(self._clock(), rest)
