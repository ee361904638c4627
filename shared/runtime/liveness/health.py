"""Health of a worker: *ready* is about progress, *live* fails only where a restart helps.

A worker that waits for a dependency is live and not ready: a restart would not bring the dependency
back. A worker that is stuck is neither, and the watchdog ends it soon after.
"""

from dataclasses import dataclass
from typing import Final

from shared.broker.reading.progress import KAFKA, STORE

# Kafka answers a fetch within milliseconds, and the heartbeat goes to the store each second.
QUIET_SECONDS: Final = 10.0
# A batch takes milliseconds or, with a picture host that crawls, half a minute.
SLOW_BATCH_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Obstacle:
    """What a worker waits for, for how many seconds, and a sentence about it."""

    what: str
    seconds: float
    note: str


@dataclass(frozen=True)
class Signs:
    """How a worker stands at one moment. All numbers are seconds ago."""

    has_joined: bool  # it has been in its consumer groups
    started: float
    unassigned: float | None  # since its partitions were revoked; None: they are assigned
    batch: float | None  # since the oldest batch in flight began; None: there is none
    finished: float  # since the last batch ended, or since the start
    fetched: float | None  # since Kafka last answered a fetch; None: no partition is ours
    stored: float  # since the store last took the heartbeat
    waiting: Obstacle | None = None  # the dependency that a batch found unavailable
    kafka_unavailable: float | None = None  # since Kafka stopped answering when asked
    batch_name: str = "a batch"  # the oldest batch in flight, for people

    @property
    def quiet(self) -> float:
        """Since anything came of consuming."""
        if self.fetched is None:
            return self.finished
        return min(self.finished, self.fetched)


def find_obstacle(signs: Signs) -> Obstacle | None:
    """What keeps the worker from its work, or None: then it is ready."""
    if signs.waiting is not None:
        return signs.waiting
    if signs.kafka_unavailable is not None:
        return Obstacle(KAFKA, signs.kafka_unavailable, "Kafka does not answer")
    if signs.stored > QUIET_SECONDS:
        return Obstacle(STORE, signs.stored, "the store does not take the heartbeat")
    return _find_group_obstacle(signs) or _find_work_obstacle(signs)


def _find_group_obstacle(signs: Signs) -> Obstacle | None:
    if signs.has_joined and signs.unassigned is None:
        return None
    since = signs.started if signs.unassigned is None else signs.unassigned
    return Obstacle("its consumer group", since, "it has not been assigned its partitions yet")


def _find_work_obstacle(signs: Signs) -> Obstacle | None:
    if signs.batch is not None:
        if signs.batch > SLOW_BATCH_SECONDS:
            return Obstacle("a batch", signs.batch, f"{signs.batch_name} takes long")
        return None
    if signs.fetched is not None and signs.quiet > QUIET_SECONDS:
        return Obstacle(KAFKA, signs.quiet, "nothing is fetched")
    return None


def find_stuck_reason(signs: Signs, limit: float) -> str | None:
    """Why a restart would help, or None.

    *limit* is how many seconds a batch, or joining the group, may take.
    """
    if signs.batch is not None and signs.batch > limit:
        return (
            f"{signs.batch_name} has been in flight for {signs.batch:.0f} s, longer than any batch "
            "may take"
        )
    if not signs.has_joined and signs.started > limit:
        return f"not in its consumer group after {signs.started:.0f} s"
    if signs.unassigned is not None and signs.unassigned > limit:
        return (
            f"without assigned partitions for {signs.unassigned:.0f} s, although the other members "
            "had time to finish their batches"
        )
    return None
