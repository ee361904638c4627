"""Health of a worker: *ready* is about progress, not about being there; *live* fails only where a restart helps.

Whoever waits for an engine is live and not ready: a restart would not bring the engine back. Whoever is stuck is
neither, and ends by itself soon after: see `pulse`.
"""

from dataclasses import dataclass

from shared.broker.progress import KAFKA, STORE

QUIET_SECONDS = 10.0  # Kafka answers a fetch within milliseconds, and the heartbeat goes to the store each second
SLOW_SECONDS = (
    60.0  # a batch takes milliseconds, or, with a picture host that crawls, half a minute
)


@dataclass(frozen=True)
class Awaited:
    """What a worker waits for, for how many seconds, and a sentence about it."""

    what: str
    seconds: float
    note: str


@dataclass(frozen=True)
class Signs:
    """How a worker stands at one moment. All numbers are seconds ago."""

    joined: bool  # it has been in its group
    started: float
    unassigned: (
        float | None
    )  # since it was asked to give up its partitions; None while it has its share, be it none
    batch: float | None  # the batch in hand; None: there is none
    finished: float  # the last batch, or the start
    fetched: (
        float | None
    )  # when Kafka last answered a fetch; None: no partition is ours, there is nothing to fetch
    stored: float  # when the store last took the heartbeat
    waiting: Awaited | None = None  # what a batch or a chore found to be away
    kafka_away: float | None = None  # since Kafka does not answer when asked

    @property
    def quiet(self) -> float:
        """Since anything came of consuming."""
        return self.finished if self.fetched is None else min(self.finished, self.fetched)


def awaited(signs: Signs) -> Awaited | None:
    """What keeps the worker from its work, or None: then it is ready."""
    if signs.waiting is not None:
        return signs.waiting
    if signs.kafka_away is not None:
        return Awaited(KAFKA, signs.kafka_away, "Kafka does not answer")
    if signs.stored > QUIET_SECONDS:
        return Awaited(STORE, signs.stored, "the store does not take the heartbeat")
    return _awaited_share(signs) or _awaited_work(signs)


def _awaited_share(signs: Signs) -> Awaited | None:
    if signs.joined and signs.unassigned is None:
        return None
    since = signs.started if signs.unassigned is None else signs.unassigned
    return Awaited("its consumer group", since, "it has no share of the partitions yet")


def _awaited_work(signs: Signs) -> Awaited | None:
    if signs.batch is not None:
        return (
            Awaited("a batch", signs.batch, "it takes long") if signs.batch > SLOW_SECONDS else None
        )
    if signs.fetched is not None and signs.quiet > QUIET_SECONDS:
        return Awaited(KAFKA, signs.quiet, "nothing is fetched")
    return None


def stuck(signs: Signs, limit: float) -> str | None:
    """Why a restart would help, or None. *limit* is how many seconds a batch or the way into the group may take."""
    if signs.batch is not None and signs.batch > limit:
        return f"a batch has been in hand for {signs.batch:.0f} s, longer than any may take"
    if not signs.joined and signs.started > limit:
        return f"not in its consumer group after {signs.started:.0f} s"
    if signs.unassigned is not None and signs.unassigned > limit:
        return f"without its share of the partitions for {signs.unassigned:.0f} s: others had time to finish their batches"
    return None
