"""What we allow ourselves towards each host: few connections, and a pause when it is down."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from services.enrichment.images.fetching.circuit_breaker import CircuitBreaker
from services.enrichment.images.fetching.host_queue import HostNotReady, HostQueue

MAX_HOSTS: Final = 2_000  # that are remembered
_DOWN: Final = "the host failed several times in a row"
_PAUSED: Final = "the host asked us to wait"


class HostState:
    """One host: its queue, its circuit breaker, and the pause that it asked for."""

    def __init__(self, connections: int, clock: Callable[[], float]) -> None:
        self.queue = HostQueue(connections, clock)
        self.breaker = CircuitBreaker()
        self.visitors = 0  # admitted or waiting
        self._clock = clock
        self._paused_until = 0.0

    def refusal(self) -> HostNotReady | None:
        """Why nobody is admitted; None if the queue alone decides."""
        now = self._clock()
        if now < self._paused_until:
            return HostNotReady(_PAUSED, self._paused_until - now, is_attempt=False)
        wait = self.breaker.seconds_to_wait(now)
        if wait is not None:
            return HostNotReady(_DOWN, wait, is_attempt=True)
        return None

    def check(self) -> None:
        """Raises HostNotReady."""
        refusal = self.refusal()
        if refusal is not None:
            raise refusal

    def record(self, *, succeeded: bool, seconds: float, retry_after: float | None = None) -> None:
        """How a visit went: the *seconds* it took, and how long the host asked us to stay away."""
        self.queue.record_visit(seconds)
        if succeeded:
            self.breaker.record_success()
        else:
            self._record_failure()
        if retry_after:
            self._paused_until = max(self._paused_until, self._clock() + retry_after)
            self.queue.refuse_all(_PAUSED, retry_after, is_attempt=False)

    def _record_failure(self) -> None:
        self.breaker.record_failure(self._clock())
        if self.breaker.is_open:
            self.queue.refuse_all(_DOWN, self.breaker.pause_seconds, is_attempt=True)


class HostLimits:
    """The state of every host visited lately. *clock* gives seconds that only grow."""

    def __init__(self, connections_per_host: int, clock: Callable[[], float]) -> None:
        self._connections = connections_per_host
        self._clock = clock
        self._hosts: OrderedDict[str, HostState] = OrderedDict()

    @asynccontextmanager
    async def visit(self, name: str) -> AsyncIterator[HostState]:
        """One of the host's few connections; the visitor must `record` how it went.

        Blocks in the host's queue. Raises HostNotReady.
        """
        host = self._get_host(name)
        host.visitors += 1
        try:
            host.check()
            visitor = await host.queue.enter()
            try:
                host.check()
                with host.breaker.attempt():
                    yield host
            finally:
                host.queue.leave(visitor)
        finally:
            host.visitors -= 1

    def refusal(self, name: str) -> HostNotReady | None:
        """What `visit` would raise now. It is cheap: a host that is down may have thousands of
        pictures."""
        host = self._hosts.get(name)
        if host is None:
            return None
        return host.refusal() or host.queue.refusal()

    def _get_host(self, name: str) -> HostState:
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = HostState(self._connections, self._clock)
        self._hosts.move_to_end(name)
        self._forget_oldest(keep=host)
        return host

    def _forget_oldest(self, keep: HostState) -> None:
        """Forget hosts beyond MAX_HOSTS, except those that have visitors."""
        excess = len(self._hosts) - MAX_HOSTS
        if excess <= 0:
            return
        idle: list[str] = []
        for name, host in self._hosts.items():
            if not host.visitors and host is not keep:
                idle.append(name)
        for name in idle[:excess]:
            del self._hosts[name]
