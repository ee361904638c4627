"""The watchdog of a worker: ends a process that only a restart can repair.

aiokafka and FastStream report little: a consumer that spins in an error, a producer that retries
for ever and a broker that is gone all look like silence. So the watchdog measures silence, and
asks Kafka whether it is there.
"""

import faulthandler
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiokafka import AIOKafkaConsumer

from shared.broker.reading.progress import Progress
from shared.errors import GroupJoinRejected, KafkaUnavailable, SeedwireError
from shared.runtime.liveness.health import QUIET_SECONDS, Obstacle, Signs, find_stuck_reason

# A consumer finds a broker that came back within seconds.
MAX_SILENT_SECONDS: Final = 60.0
# A rebalance takes two session timeouts, or for ever (on the embedded broker).
MAX_UNASSIGNED_SECONDS: Final = 20.0
ARMED_SECONDS: Final = 10.0  # the limit on a batch is minutes


class Watchdog:
    """*ping* raises KafkaUnavailable when Kafka does not answer; the limits are of `Settings`."""

    def __init__(
        self,
        progress: Progress,
        consumers: Callable[[], Iterable[AIOKafkaConsumer]],
        ping: Callable[[], Awaitable[None]],
        *,
        retry_seconds: float,
        batch_limit_seconds: float,
        group_join_seconds: float,
    ) -> None:
        self._progress = progress
        self._consumers = consumers
        self._ping = ping
        self._retry_seconds = retry_seconds
        self._batch_limit_seconds = batch_limit_seconds
        self._group_join_seconds = group_join_seconds
        self._armed_at = -math.inf
        self._unavailable_since: float | None = None
        self._answering_since: float | None = None  # although nothing is fetched

    async def check(self) -> None:
        """Check once. Blocks for a ping while nothing is fetched.

        Raises KafkaUnavailable after the retry deadline, GroupJoinRejected if the process cannot
        join its group, and SeedwireError if it is stuck.
        """
        self._arm()
        signs = self.read_signs()
        reason = find_stuck_reason(signs, self._batch_limit_seconds)
        if reason is not None:
            if not signs.has_joined:
                raise GroupJoinRejected(reason)
            raise SeedwireError(reason)
        if signs.quiet < QUIET_SECONDS:
            self._unavailable_since = self._answering_since = None
        else:
            await self._ask_kafka()

    def read_signs(self) -> Signs:
        """How the worker stands now."""
        progress, now = self._progress, self._progress.clock()
        wait, batch = progress.waiting, progress.oldest_batch
        obstacle = Obstacle(wait.dependency, now - wait.since, wait.note) if wait else None
        batch_name, began = (batch.name, batch.since) if batch else ("a batch", None)
        return Signs(
            has_joined=progress.has_joined,
            started=now - progress.began,
            unassigned=_seconds_since(progress.revoked, now),
            batch=_seconds_since(began, now),
            finished=now - progress.finished,
            fetched=self._seconds_since_fetch(now),
            stored=now - progress.stored,
            waiting=obstacle,
            kafka_unavailable=_seconds_since(self._unavailable_since, now),
            batch_name=batch_name,
        )

    def stop(self) -> None:
        """No further checks come."""
        faulthandler.cancel_dump_traceback_later()

    def _arm(self) -> None:
        """If the event loop blocks for so long that no check follows, end with exit code 1.

        The process then prints a traceback, which says where it was. To arm it starts a thread,
        so it stays armed for some checks: it fires at most that much sooner after the last one.
        """
        now = self._progress.clock()
        if now - self._armed_at >= ARMED_SECONDS:
            self._armed_at = now
            faulthandler.dump_traceback_later(self._batch_limit_seconds, exit=True)

    async def _ask_kafka(self) -> None:
        try:
            await self._ping()
        except KafkaUnavailable:
            if self._note_unavailable() > self._retry_seconds:
                raise
        else:
            self._note_answer()

    def _note_unavailable(self) -> float:
        """For how many seconds Kafka has been unavailable."""
        now = self._progress.clock()
        self._answering_since = None
        if self._unavailable_since is None:
            self._unavailable_since = now
        return now - self._unavailable_since

    def _note_answer(self) -> None:
        """Kafka answers, but nothing is fetched: raise if that has lasted too long."""
        now = self._progress.clock()
        self._unavailable_since = None
        if self._answering_since is None:
            self._answering_since = now
        signs, answering = self.read_signs(), now - self._answering_since
        self._check_join(signs, answering)
        self._check_fetching(signs, answering)
        self._check_assignment(signs, answering)

    def _check_join(self, signs: Signs, answering: float) -> None:
        if not signs.has_joined and min(signs.started, answering) > self._group_join_seconds:
            raise GroupJoinRejected(
                "Kafka answers, but the consumer group has rejected our join "
                f"for {signs.started:.0f} s"
            )

    def _check_fetching(self, signs: Signs, answering: float) -> None:
        has_nothing_to_do = signs.fetched is None or signs.batch is not None
        if not has_nothing_to_do and min(signs.quiet, answering) > MAX_SILENT_SECONDS:
            raise SeedwireError(
                f"Kafka answers, but the consumer has fetched nothing for {signs.quiet:.0f} s"
            )

    def _check_assignment(self, signs: Signs, answering: float) -> None:
        if signs.unassigned is None:
            return
        if min(signs.unassigned, answering) > MAX_UNASSIGNED_SECONDS:
            raise SeedwireError(
                f"Kafka answers, but has assigned no partitions for {signs.unassigned:.0f} s"
            )

    def _seconds_since_fetch(self, now: float) -> float | None:
        """Seconds since Kafka answered the consumer that waits longest, or since its assignment."""
        polls = []
        for client in self._consumers():
            stamps = [client.last_poll_timestamp(p) or 0 for p in client.assignment()]
            if stamps:
                polls.append(max(stamps))
        if not polls:
            return None
        since_poll = time.time() - min(polls) / 1000
        since_assigned = now - self._progress.assigned
        return max(0.0, min(since_poll, since_assigned))


def _seconds_since(moment: float | None, now: float) -> float | None:
    return None if moment is None else now - moment
