"""Topics as a TOML file declares them, and their creation on a cluster."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka.admin import NewTopic

from shared.broker.errors.error_classes import translate_code
from shared.broker.network.connection import query_cluster
from shared.errors import DependencyRejected
from shared.settings import Settings

_OK: Final = 0
_ALREADY_EXISTS: Final = 36  # Kafka's error code: another process was faster


@dataclass(frozen=True)
class Topic:
    """A topic to create. *settings* are Kafka's own, such as `retention.ms`."""

    name: str
    partitions: int
    settings: dict[str, str]


def read_topics(path: Path) -> list[Topic]:
    """The topics that the file declares: one table each, its name the topic's."""
    topics = []
    for name, table in tomllib.loads(path.read_text()).items():
        partitions = int(table.pop("partitions"))
        settings = {key: str(value) for key, value in table.items()}
        topics.append(Topic(name, partitions, settings))
    return topics


async def create_missing_topics(settings: Settings, topics: Sequence[Topic]) -> list[str]:
    """Create the topics that do not exist, and return their names.

    The list lacks a topic whose creation succeeded but whose answer was lost. Topics that exist are
    left alone: changing a live topic is an operator's decision. Raises KafkaUnavailable or
    DependencyRejected, with the broker's reason if it refused. Creating a topic needs the
    controller; after a failure there is none until failover completes, so the controller is only
    asked if a topic is missing.
    """
    existing = await query_cluster(settings, lambda client: client.list_topics())
    replication = settings.kafka_replication
    missing = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs=topic.settings)
        for topic in topics
        if topic.name not in existing
    ]
    if not missing:
        return []
    response = await query_cluster(settings, lambda client: client.create_topics(missing))
    _raise_if_refused(response.topic_errors)
    return [name for name, code, _ in response.topic_errors if code == _OK]


def _raise_if_refused(answers: Sequence[tuple[str, int, str | None]]) -> None:
    """The first refusal that ends the process counts, or else the first at all."""
    refusals = [
        translate_code(code, reason, f"topic {name} cannot be created")
        for name, code, reason in answers
        if code not in (_OK, _ALREADY_EXISTS)
    ]
    fatal = [refusal for refusal in refusals if isinstance(refusal, DependencyRejected)]
    for refusal in (*fatal, *refusals):
        raise refusal
