"""Whatever is asked of the cluster is answered while one broker of three is dead, the controller or not."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.broker.connection import cluster_id, partitions
from shared.broker.topics import declared, ensure
from shared.settings import Settings
from tests.engines.kafka import KafkaCluster
from tests.real_engines import libs

pytestmark = [pytest.mark.real, pytest.mark.slow]


async def test_topics_are_made_and_described_whichever_broker_died(tmp_path: Path):
    with KafkaCluster(libs(), tmp_path / "kafka", nodes=3) as cluster:
        settings = Settings(kafka=cluster.bootstrap, kafka_replication=2)
        every = declared()
        for node in (1, 2, 3):
            cluster.kill(node)
            new = replace(every[0], name=f"made-without-{node}")
            await ensure(settings, [*every, new])
            assert len(await partitions(settings, new.name)) == new.partitions
            assert await ensure(settings, every) == []
            assert await cluster_id(settings) == cluster.cluster_id
            cluster.start_node(node)
            cluster.wait_ready()
