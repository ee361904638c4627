"""What must hold of deploy/topics.toml before a broker sees it."""

import re

import pytest

from shared.broker.network.connection import producer_options
from shared.broker.topic_creation import Topic
from shared.events import topics
from shared.events.topics import load_topics
from shared.settings import Settings

INTERNAL = {
    topics.SEEDS,
    topics.RECEIPTS,
    topics.REJECTED,
    topics.INGESTED,
    topics.WANTED,
    topics.ENRICHED,
}
CONTRACT = {
    topics.PUBLISHED_LOG,
    topics.PUBLISHED_STATE,
    topics.STORIES_LOG,
    topics.STORIES_STATE,
}
KNOWN_SETTINGS = {
    "max.message.bytes",
    "retention.ms",
    "cleanup.policy",
    "delete.retention.ms",
    "min.cleanable.dirty.ratio",
}


@pytest.fixture(params=load_topics(), ids=lambda topic: topic.name)
def topic(request: pytest.FixtureRequest) -> Topic:
    assert isinstance(request.param, Topic)
    return request.param


def test_the_topics_that_the_code_names_are_declared() -> None:
    assert {topic.name for topic in load_topics()} == INTERNAL | CONTRACT


def test_a_topic_is_well_formed(topic: Topic) -> None:
    assert re.fullmatch(r"[a-z.]{1,249}", topic.name)
    assert 1 <= topic.partitions <= 64
    assert topic.settings.keys() <= KNOWN_SETTINGS
    for value in topic.settings.values():
        assert re.fullmatch(r"\d+(\.\d+)?|compact", value)


def test_the_producer_can_send_the_topics_largest_record(topic: Topic) -> None:
    limit = int(topic.settings.get("max.message.bytes", 1_048_588))  # Kafka's default
    assert limit <= producer_options(Settings())["max_request_size"]


def test_only_the_latest_states_are_compacted() -> None:
    compacted = [
        topic.name for topic in load_topics() if topic.settings.get("cleanup.policy") == "compact"
    ]
    assert compacted == [topics.PUBLISHED_STATE, topics.STORIES_STATE]
