"""The pulse of a worker: looks at its consumer again and again, and ends a process that only a restart can mend.

aiokafka and FastStream report little: a consumer that spins in an error, a producer that retries for ever and a broker
that is gone all look like silence. So silence is what is measured, and Kafka is asked whether it is there.
"""

import faulthandler
import time
from collections.abc import Awaitable, Callable, Iterable

from aiokafka import AIOKafkaConsumer

from shared.broker.progress import Progress
from shared.errors import BrokerAway, SeedwireError, ShutOut
from shared.runtime.health import QUIET_SECONDS, Awaited, Signs, stuck

DEAF_SECONDS = 60.0  # a consumer finds a broker that came back within seconds
SHARELESS_SECONDS = (
    20.0  # a group that forms anew takes two session time-outs, or for ever (the embedded broker's)
)


class Pulse:
    """*ping* raises BrokerAway when Kafka does not answer; the others are seconds, as in `Settings`."""

    def __init__(
        self,
        progress: Progress,
        consumers: Callable[[], Iterable[AIOKafkaConsumer]],
        ping: Callable[[], Awaitable[None]],
        patience: float,
        limit: float,
        way_in: float,
    ) -> None:
        self._progress = progress
        self._consumers = consumers
        self._ping = ping
        self._patience = patience
        self._limit = limit
        self._way_in = way_in
        self._away: float | None = None  # since when Kafka does not answer
        self._answers: float | None = None  # since when it does, though nothing is fetched

    async def look(self) -> None:
        """Look once. Raises BrokerAway when Kafka was away for the patience, ShutOut, or SeedwireError when stuck."""
        self._watch_the_loop()
        signs = self.signs()
        if (reason := stuck(signs, self._limit)) is not None:
            raise SeedwireError(reason) if signs.joined else ShutOut(reason)
        if signs.quiet < QUIET_SECONDS:
            self._away = self._answers = None
        else:
            await self._ask()

    def signs(self) -> Signs:
        progress, now = self._progress, self._progress.clock()
        waits = progress.waiting
        return Signs(
            joined=progress.joined,
            started=now - progress.began,
            unassigned=None if progress.revoked is None else now - progress.revoked,
            batch=None if progress.batch_since is None else now - progress.batch_since,
            finished=now - progress.finished,
            fetched=self._fetched(now),
            stored=now - progress.stored,
            waiting=Awaited(waits.engine, now - waits.since, waits.note) if waits else None,
            kafka_away=None if self._away is None else now - self._away,
        )

    def rest(self) -> None:
        """No more looks come."""
        faulthandler.cancel_dump_traceback_later()

    def _watch_the_loop(self) -> None:
        """If the loop is blocked for so long that nobody looks again, the process ends with 1 and says where it was."""
        faulthandler.dump_traceback_later(self._limit, exit=True)

    async def _ask(self) -> None:
        try:
            await self._ping()
        except BrokerAway:
            self._note_away()
            if self._progress.clock() - (self._away or 0) > self._patience:
                raise
        else:
            self._note_answer()

    def _note_away(self) -> None:
        self._answers = None
        if self._away is None:
            self._away = self._progress.clock()

    def _note_answer(self) -> None:
        self._away = None
        now, signs = self._progress.clock(), self.signs()
        if self._answers is None:
            self._answers = now
        if not signs.joined and min(signs.started, now - self._answers) > self._way_in:
            raise ShutOut(
                f"Kafka answers, but our consumer group has not let us in for {signs.started:.0f} s"
            )
        deaf = signs.fetched is not None and signs.batch is None and signs.quiet > DEAF_SECONDS
        if deaf and now - self._answers > DEAF_SECONDS:
            raise SeedwireError(
                f"Kafka answers, but the consumer has fetched nothing for {signs.quiet:.0f} s"
            )
        if (
            signs.unassigned is not None
            and min(signs.unassigned, now - self._answers) > SHARELESS_SECONDS
        ):
            raise SeedwireError(
                f"Kafka answers, but no partitions were given to us for {signs.unassigned:.0f} s"
            )

    def _fetched(self, now: float) -> float | None:
        """Seconds since Kafka answered the consumer that waits longest, or since its partitions became ours."""
        stamps = [
            max(client.last_poll_timestamp(partition) or 0 for partition in client.assignment())
            for client in self._consumers()
            if client.assignment()
        ]
        if not stamps:
            return None
        since_assigned = now - self._progress.assigned
        return max(0.0, min(time.time() - min(stamps) / 1000, since_assigned))
