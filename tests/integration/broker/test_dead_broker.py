"""The cluster answers every query while one broker of three is dead, the controller or not."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.broker.network.cluster_description import describe_cluster
from shared.broker.network.connection import fetch_cluster_id
from shared.broker.network.partitions import list_partitions
from shared.broker.topic_creation import create_missing_topics
from shared.events.topics import load_topics
from shared.settings import Settings
from tests.engines.kafka import KafkaCluster
from tests.real_engines import require_jars

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def test_topics_are_created_and_described_whichever_broker_died(tmp_path: Path):
    with KafkaCluster(require_jars(), tmp_path / "kafka", nodes=3) as cluster:
        settings = Settings(kafka=cluster.bootstrap, kafka_replication=2)
        topics = load_topics()
        for node in (1, 2, 3):
            cluster.kill(node)
            new = replace(topics[0], name=f"created-without-{node}")
            await create_missing_topics(settings, [*topics, new])
            assert len(await list_partitions(settings, new.name)) == new.partitions
            assert await create_missing_topics(settings, topics) == []
            assert await fetch_cluster_id(settings) == cluster.cluster_id
            description = await describe_cluster(settings, required=[new.name])
            assert description.id == cluster.cluster_id
            assert len(description.partitions[new.name]) == new.partitions
            cluster.start_node(node)
            cluster.wait_until_ready()
