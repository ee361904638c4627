"""Where groups stand, read again and again over one connection."""

from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from shared.broker.network.connection import open_admin, open_producer
from shared.broker.offsets.standings import Standing, open_standings_reader
from shared.settings import Settings

STAMP_MS = 1_000_000
STAMP = datetime.fromtimestamp(1000, UTC)


class Topic:
    """A topic of its own with one partition, and two groups that read it."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings = settings
        self.name = name
        self.partition = TopicPartition(name, 0)
        self.groups = {f"{name}.first": name, f"{name}.second": name}

    async def create(self) -> None:
        async with open_admin(self.settings) as admin:
            await admin.create_topics([NewTopic(self.name, 1, 1)])

    async def send(self, *values: bytes, stamp: int = STAMP_MS, headers=()) -> None:
        async with open_producer(self.settings) as client:
            for value in values:
                await client.send_and_wait(
                    self.name, value, timestamp_ms=stamp, headers=list(headers)
                )

    async def commit(self, group: str, offset: int) -> None:
        client = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_address,
            group_id=f"{self.name}.{group}",
            enable_auto_commit=False,
        )
        await client.start()
        client.assign([self.partition])
        await client.commit({self.partition: offset})
        await client.stop()

    def open_reader(self, *topics: str):
        return open_standings_reader(self.settings, self.groups, topics)

    def pick(self, reading) -> list[Standing]:
        """What the reading says of the two groups."""
        return [reading.groups[group][self.partition] for group in self.groups]


@pytest.fixture
def settings(kafka, tmp_path) -> Settings:
    names = {name.removeprefix("SEEDWIRE_").lower(): value for name, value in kafka.items()}
    return Settings(home=tmp_path, **names)


@pytest.fixture
async def topic(settings, request) -> Topic:
    topic = Topic(settings, f"standings-{request.node.name[:60]}")
    await topic.create()
    return topic


async def test_two_groups_of_one_topic_stand_where_each_has_committed(topic):
    await topic.send(b"a", b"b")
    await topic.send(b"c", stamp=2 * STAMP_MS)
    await topic.commit("second", 2)
    async with topic.open_reader() as reader:
        first, second = topic.pick(await reader.read())
    assert (first.next_offset, first.end, first.stamp, first.waiting) == (0, 3, STAMP, 3)
    assert (second.next_offset, second.waiting) == (2, 1)
    assert second.stamp == datetime.fromtimestamp(2000, UTC)


async def test_a_reader_sees_what_comes_and_what_is_committed_after_it_has_read(topic):
    async with topic.open_reader() as reader:
        assert topic.pick(await reader.read()) == [Standing(0, 0), Standing(0, 0)]
        await topic.send(b"a", b"b", b"c")
        assert [standing.waiting for standing in topic.pick(await reader.read())] == [3, 3]
        await topic.commit("first", 3)
        await topic.commit("second", 1)
        assert topic.pick(await reader.read()) == [Standing(3, 3), Standing(1, 3, STAMP)]
        await topic.send(b"d")
        assert [standing.waiting for standing in topic.pick(await reader.read())] == [1, 3]


async def test_a_topic_that_is_not_there_is_not_created_by_asking(settings):
    groups = {"standings-nobody": "standings-nothing"}
    async with open_standings_reader(settings, groups) as reader:
        reading = await reader.read()
    assert reading.groups == {"standings-nobody": {}}
    async with open_admin(settings) as admin:
        assert "standings-nothing" not in await admin.list_topics()


async def test_the_records_of_a_topic_that_nobody_reads_are_counted(topic, settings):
    await topic.send(*[b"a"] * 5)
    async with open_standings_reader(settings, {}, [topic.name]) as reader:
        assert (await reader.read()).count_records(topic.name) == 5
        await topic.send(b"b")
        assert (await reader.read()).count_records(topic.name) == 6


async def test_records_of_any_size_and_with_any_header_wait_like_others(topic):
    await topic.send(b"x" * 900_000, b"y" * 900_000)
    await topic.commit("second", 1)
    await topic.send(b"", headers=[("h", b"\xff")])
    async with topic.open_reader() as reader:
        assert [standing.waiting for standing in topic.pick(await reader.read())] == [3, 2]


@pytest.mark.real
async def test_records_that_kafka_has_deleted_wait_no_more(topic):
    await topic.send(*[b"a"] * 5)
    async with topic.open_reader() as reader, open_admin(topic.settings) as admin:
        await _delete(admin, topic.partition, before=3)
        first, _ = topic.pick(await reader.read())
        assert (first.next_offset, first.waiting) == (3, 2)
        await _delete(admin, topic.partition, before=5)
    async with topic.open_reader() as reader:
        first, _ = topic.pick(await reader.read())
    assert first.waiting == 0


async def _delete(admin: AIOKafkaAdminClient, partition: TopicPartition, before: int) -> None:
    await admin.delete_records({partition: RecordsToDelete(before_offset=before)})
