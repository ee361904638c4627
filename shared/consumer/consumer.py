"""Reads a feed as it is meant to be read: a snapshot of the state, then the log, without clocks.

1. Note where the log ends. 2. Read the state up to its ends. 3. Follow the log from the noted
offsets. A revision stands in the state before it stands in the log, so nothing falls between.
"""

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Generic

from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from shared.consumer.changes import Change, Ended, Problem, ProblemKind, Removal, Shown
from shared.consumer.checkpoint import Checkpoint
from shared.consumer.feed import Feed, Ignored, Junk
from shared.consumer.kafka_session import KafkaSession
from shared.consumer.known_revisions import KnownRevisions, RevisionStatus

log = logging.getLogger(__name__)

CLUSTER_CHECK_SECONDS: Final = 5.0

Commit = Callable[[Checkpoint], Awaitable[None]]
Report = Callable[[Problem], None]


class Consumer(Generic[Shown, Ended]):
    """An asynchronous iterator over the changes of a feed; it never ends by itself.

    A change counts as handled when the next one is asked for. It survives restarts of Kafka.
    Raises KafkaError if no broker answers at the start.
    """

    def __init__(
        self,
        feed: Feed[Shown, Ended],
        kafka: str,
        *,
        checkpoint: Checkpoint | None = None,
        commit: Commit | None = None,
        report: Report | None = None,
        **options: Any,
    ) -> None:
        """*kafka* is `host:port`, or several with commas; *options* are aiokafka's, for passwords.

        *checkpoint* is where to continue; without one, a snapshot comes first. *commit* is awaited
        with a checkpoint after each batch whose changes were handled. *report* hears of junk that
        was skipped, and of why a snapshot was taken again; without it, they are logged.
        """
        self._feed = feed
        self._options = {"bootstrap_servers": kafka, **options}
        start = checkpoint or Checkpoint()
        self._cluster = start.cluster
        self._offsets = dict(start.offsets)
        self._known = KnownRevisions(start.shown, start.ended)
        self._commit = commit
        self._report = report or _log_problem
        self._checked_at = 0.0

    @property
    def checkpoint(self) -> Checkpoint:
        """Where to continue if every change so far was handled."""
        return self._known.build_checkpoint(self._cluster, self._offsets)

    def __aiter__(self) -> AsyncIterator[Change[Shown, Ended]]:
        return self._read()

    async def _read(self) -> AsyncIterator[Change[Shown, Ended]]:
        async with KafkaSession.open(self._options) as session:
            while True:
                await self._find_start(session)
                if not self._offsets:
                    async for change in self._read_snapshot(session):
                        yield change
                    await self._save()
                async for change in self._follow(session):
                    yield change

    async def _find_start(self, session: KafkaSession) -> None:
        """Leave the offsets to follow the log from, or none where a snapshot is needed."""
        cluster = await session.fetch_cluster_id()
        self._checked_at = time.monotonic()
        partitions = await session.list_partitions(self._feed.log)
        if cluster != self._cluster:
            await self._begin_cluster(session, cluster, partitions)
        elif self._offsets and await self._has_expired(session, partitions):
            self._begin_anew("expired", "records of the log were deleted before they were read")

    async def _begin_cluster(
        self, session: KafkaSession, cluster: str, partitions: list[TopicPartition]
    ) -> None:
        """A new cluster first gets the latest revision of everything, ended or not.

        So its log tells all that is to be known as long as it is whole; else a snapshot does.
        """
        is_first, self._cluster = not self._cluster, cluster
        if is_first:
            return
        self._begin_anew("new-cluster", f"the topics are those of a new cluster, {cluster}")
        self._known.begin_cluster()
        beginnings = await session.find_beginnings(partitions)
        if not any(beginnings.values()):
            self._offsets = {partition.partition: 0 for partition in partitions}

    async def _has_expired(self, session: KafkaSession, partitions: list[TopicPartition]) -> bool:
        """Whether the log no longer has, or does not yet have, the offset of some partition."""
        beginnings = await session.find_beginnings(partitions)
        ends = await session.find_ends(partitions)
        for partition in partitions:
            offset = self._offsets.setdefault(partition.partition, 0)
            if not beginnings[partition] <= offset <= ends[partition]:
                return True
        return False

    async def _read_snapshot(self, session: KafkaSession) -> AsyncIterator[Change[Shown, Ended]]:
        """The state up to its noted ends; what is shown and not in it is removed.

        Ends early, and leaves no offsets, if another cluster answers meanwhile.
        """
        log_ends = await session.find_ends(await session.list_partitions(self._feed.log))
        partitions = await session.list_partitions(self._feed.state)
        state_ends = await session.find_ends(partitions)
        session.seek(await session.find_beginnings(partitions))
        self._known.begin_snapshot()
        while await session.find_behind(state_ends):
            for records in (await session.poll()).values():
                for record in records:
                    change, _ = self._take(record)
                    if change:
                        yield change
            if await self._is_other_cluster(session):
                return
        for name, revision in self._known.finish_snapshot().items():
            yield Removal(name, revision, None)
        self._offsets = {partition.partition: end for partition, end in log_ends.items()}

    async def _follow(self, session: KafkaSession) -> AsyncIterator[Change[Shown, Ended]]:
        """The changes in the log, until it has to be begun anew."""
        offsets = self._offsets.items()
        session.seek({TopicPartition(self._feed.log, number): at for number, at in offsets})
        while self._offsets and not await self._is_other_cluster(session):
            try:
                batches = await session.poll()
            except OffsetOutOfRangeError:
                self._begin_anew("expired", "Kafka no longer has what is to be read next")
                return
            for partition, records in batches.items():
                for record in records:
                    change, status = self._take(record)
                    if change:
                        yield change
                    if change and status is RevisionStatus.AFTER_GAP:
                        self._begin_anew("gap", f"revisions of {change.id} were missed")
                        return
                self._offsets[partition.partition] = records[-1].offset + 1
            if batches:
                await self._save()

    def _take(self, record: Any) -> tuple[Change[Shown, Ended] | None, RevisionStatus]:
        """The change that a record brings, None if it brings none."""
        reading = self._feed.read(record)
        match reading:
            case Junk(cause):
                place = f"{record.topic}/{record.partition}/{record.offset}"
                self._report(Problem("junk", f"{place} is none of Seedwire's events: {cause}"))
                return None, RevisionStatus.REPEAT
            case Ignored():
                return None, RevisionStatus.REPEAT
        status = self._known.note(reading.id, reading.revision, is_end=isinstance(reading, Removal))
        return (None if status is RevisionStatus.REPEAT else reading), status

    def _begin_anew(self, kind: ProblemKind, sentence: str) -> None:
        """Forget the offsets: the next thing is a snapshot."""
        self._offsets = {}
        self._report(Problem(kind, sentence))

    async def _is_other_cluster(self, session: KafkaSession) -> bool:
        """Asked every few seconds: Kafka may have been replaced by an empty one."""
        if time.monotonic() - self._checked_at < CLUSTER_CHECK_SECONDS:
            return False
        cluster = await session.fetch_cluster_id()
        self._checked_at = time.monotonic()
        return cluster != self._cluster

    async def _save(self) -> None:
        if self._commit and self._offsets:
            await self._commit(self.checkpoint)


def _log_problem(problem: Problem) -> None:
    log.warning("%s: %s", problem.kind, problem.sentence)
