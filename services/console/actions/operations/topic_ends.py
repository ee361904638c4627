"""How many records ever came into each public topic: fewer than before, and the topic was lost."""

from collections.abc import Mapping
from typing import Final

from services.console.actions.checkpoint import Place
from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, STORIES_LOG, STORIES_STATE
from shared.settings import Settings

ARTICLES: Final = "articles"
STORIES: Final = "stories"

SENT: Final[Mapping[str, str]] = {
    PUBLISHED_STATE: ARTICLES,
    PUBLISHED_LOG: ARTICLES,
    STORIES_STATE: STORIES,
    STORIES_LOG: STORIES,
}
"""What a rebuild sends into each topic, one record of each."""

TopicEnds = Mapping[str, int]


async def read_topic_ends(settings: Settings) -> TopicEnds:
    """Of each public topic. The topics must exist. Raises KafkaUnavailable."""
    partitions = [part for topic in SENT for part in await list_partitions(settings, topic)]
    async with open_reader(settings) as client:
        client.assign(partitions)
        ends = await read_end_offsets(client)
    counts = dict.fromkeys(SENT, 0)
    for partition, end in ends.items():
        counts[partition.topic] += end
    return counts


def has_lost_records(place: Place, ends: TopicEnds) -> bool:
    """Whether a topic has fewer records than when the rebuild began and what it sent since."""
    for topic, end in ends.items():
        if end < int(place.get(topic, 0)) + int(place.get(SENT[topic], 0)):
            return True
    return False
