"""Where consumer groups stand, as an observer sees it again and again over open connections.

Nothing is asked of the groups' members: a stuck one reports nothing true. Ends come from fetches,
because the embedded broker answers *list offsets* wrongly.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    KafkaError,
    NotCoordinatorForGroupError,
)
from aiokafka.structs import OffsetAndMetadata

from shared.broker.connection import open_admin, open_reader
from shared.broker.error_classes import translate_error
from shared.broker.partition_probe import FirstRecord, PartitionProbe
from shared.errors import KafkaUnavailable
from shared.settings import Settings

READ_SECONDS: Final = 5.0  # a reading takes 20 ms
FIRST_READ_SECONDS: Final = 30.0  # a new Kafka makes the topic of its groups when first asked
COORDINATOR_PAUSE_SECONDS: Final = 0.1
LISTING_SECONDS: Final = 60.0  # between two looks at which partitions and old records there are

COORDINATOR_IS_NOT_THERE_YET: Final = (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
)

GroupOffsets = Mapping[TopicPartition, int]
GroupAnswer = dict[TopicPartition, OffsetAndMetadata]


@dataclass(frozen=True)
class Standing:
    """Where a group stands in a partition.

    *next_offset* is the first record that it has not committed, or the end; *stamp* is the time
    that this record says of itself, None if there is none or it cannot be read.
    """

    next_offset: int
    end: int
    stamp: datetime | None = None

    @property
    def waiting(self) -> int:
        return max(0, self.end - self.next_offset)


@dataclass(frozen=True)
class Reading:
    """The standings of each group, and the end of each partition."""

    groups: Mapping[str, Mapping[TopicPartition, Standing]]
    ends: Mapping[TopicPartition, int]

    def count_records(self, topic: str) -> int:
        """How many records ever came into *topic*."""
        return sum(end for partition, end in self.ends.items() if partition.topic == topic)


class StandingsReader:
    """Reads where *groups*, each with its topic, stand, and where *topics* end."""

    def __init__(
        self,
        admin: AIOKafkaAdminClient,
        probe: PartitionProbe,
        groups: Mapping[str, str],
        topics: Sequence[str] = (),
    ) -> None:
        self._admin = admin
        self._probe = probe
        self._groups = groups
        self._topics = sorted({*groups.values(), *topics})
        self._partitions: list[TopicPartition] = []
        self._listed_at: float | None = None
        self._has_read = False
        self._ends: dict[TopicPartition, int] = {}
        self._first: dict[tuple[TopicPartition, int], FirstRecord] = {}

    async def read(self) -> Reading:
        """Where all stand now. Raises KafkaUnavailable: then open another reader."""
        seconds = READ_SECONDS if self._has_read else FIRST_READ_SECONDS
        try:
            async with asyncio.timeout(seconds):
                reading = await self._read()
        except TimeoutError as error:
            raise KafkaUnavailable("Kafka does not say where the groups stand") from error
        except KafkaError as error:
            raise translate_error(error, "where the groups stand cannot be read") from error
        self._has_read = True
        return reading

    async def _read(self) -> Reading:
        if self._listed_at is None or time.monotonic() - self._listed_at > LISTING_SECONDS:
            self._partitions = await self._list_partitions()
            self._first.clear()  # Kafka deletes old records
            self._listed_at = time.monotonic()
        committed = {group: await self._fetch_committed(group) for group in self._groups}
        await self._find_first_records(committed)
        standings = {group: self._build_standings(offsets) for group, offsets in committed.items()}
        return Reading(standings, dict(self._ends))

    async def _list_partitions(self) -> list[TopicPartition]:
        """Those of topics that exist. To ask for another one may create it."""
        existing = set(await self._admin.list_topics()).intersection(self._topics)
        if not existing:
            return []
        partitions = []
        for description in await self._admin.describe_topics(sorted(existing)):
            numbers = [partition["partition"] for partition in description["partitions"]]
            partitions += [TopicPartition(description["topic"], number) for number in numbers]
        return sorted(partitions)

    async def _fetch_committed(self, group: str) -> GroupOffsets:
        """In a partition without a commit it stands at the beginning."""
        own = [part for part in self._partitions if part.topic == self._groups[group]]
        if not own:
            return {}
        answer = await self._ask_coordinator(group, own)
        while not answer.keys() >= set(own):
            await asyncio.sleep(COORDINATOR_PAUSE_SECONDS)
            answer = await self._ask_coordinator(group, own)
        return {partition: max(0, answer[partition].offset) for partition in own}

    async def _ask_coordinator(self, group: str, partitions: list[TopicPartition]) -> GroupAnswer:
        """What the group has committed; nothing while it has no coordinator.

        Kafka says by an error that there is none, or that it is not ready yet. aiokafka raises the
        first, and leaves all partitions out of its answer for the second.
        """
        answer: GroupAnswer = {}
        with suppress(*COORDINATOR_IS_NOT_THERE_YET):
            answer = await self._admin.list_consumer_group_offsets(group, partitions=partitions)
        return answer

    async def _find_first_records(self, committed: Mapping[str, GroupOffsets]) -> None:
        """Learn the ends, and for each group the first record that it has not committed.

        A record that is known already is not fetched again. Where two groups stand at different
        records of one partition, the partition is asked twice.
        """
        places = {place for offsets in committed.values() for place in offsets.items()}
        self._first = {place: self._first[place] for place in places & self._first.keys()}
        asked = {partition: self._ends.get(partition, 0) for partition in self._partitions}
        unknown = sorted(places - self._first.keys())
        asked |= dict(unknown)
        while asked:
            for partition, answer in (await self._probe.ask(asked)).items():
                self._ends[partition] = answer.end
                if answer.first is not None:
                    self._first[partition, asked[partition]] = answer.first
            unknown = [place for place in unknown if asked.get(place[0]) != place[1]]
            asked = dict(unknown)

    def _build_standings(self, offsets: GroupOffsets) -> dict[TopicPartition, Standing]:
        return {part: self._build_standing(part, offset) for part, offset in offsets.items()}

    def _build_standing(self, partition: TopicPartition, committed: int) -> Standing:
        end = self._ends[partition]
        first = self._first.get((partition, committed))
        if first is None:
            return Standing(end, end)
        return Standing(first.offset, end, first.stamp)


@asynccontextmanager
async def open_standings_reader(
    settings: Settings, groups: Mapping[str, str], topics: Sequence[str] = ()
) -> AsyncIterator[StandingsReader]:
    """A reader that is connected while the block runs. Raises KafkaUnavailable."""
    async with open_admin(settings) as admin, open_reader(settings) as client:
        yield StandingsReader(admin, PartitionProbe(client), groups, topics)
