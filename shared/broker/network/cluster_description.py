"""What a cluster says of itself in answer to one client."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownTopicOrPartitionError

from shared.broker.network.connection import query_cluster
from shared.broker.network.partitions import parse_partitions
from shared.settings import Settings


@dataclass(frozen=True)
class ClusterDescription:
    """A cluster that is created again has another *id*. *partitions* are those of every topic."""

    id: str
    partitions: Mapping[str, Sequence[TopicPartition]]


async def describe_cluster(
    settings: Settings, required: Collection[str] = ()
) -> ClusterDescription:
    """The cluster's id and topics, once it shows the *required* ones. Raises KafkaUnavailable.

    Each client costs connections, and a tenth of a second where a broker is dead; this is one.
    """

    async def describe(client: AIOKafkaAdminClient) -> ClusterDescription:
        cluster = await client.describe_cluster()
        topics = await client.describe_topics()
        partitions = {topic["topic"]: parse_partitions(topic) for topic in topics}
        if not partitions.keys() >= {*required}:
            raise UnknownTopicOrPartitionError  # it was just created: this broker does not know yet
        return ClusterDescription(str(cluster["cluster_id"]), partitions)

    return await query_cluster(settings, describe)
