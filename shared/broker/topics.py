"""Topic names, and their declaration in `deploy/topics.toml` applied to a cluster."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiokafka.admin import NewTopic

from shared.broker.connection import ask
from shared.errors import BrokerAway
from shared.settings import Settings

SEEDS: Final = "seeds"
RECEIPTS: Final = "seeds.receipts"
REJECTED: Final = "seeds.rejected"
INGESTED: Final = "articles.ingested"
ENRICHED: Final = "articles.enriched"
WANTED: Final = "pictures.wanted"
PUBLISHED_LOG: Final = "published.log"
PUBLISHED_STATE: Final = "published.state"
STORIES_LOG: Final = "stories.log"

DECLARATION = Path(__file__).parents[2] / "deploy" / "topics.toml"

_ALREADY_EXISTS = 36


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int
    settings: dict[str, str]


def declared(path: Path = DECLARATION) -> list[Topic]:
    """The topics that the file declares."""
    return [
        Topic(name, int(table.pop("partitions")), {key: str(value) for key, value in table.items()})
        for name, table in tomllib.loads(path.read_text()).items()
    ]


async def ensure(settings: Settings, topics: Sequence[Topic]) -> list[str]:
    """Create what is missing; returns the names created, less one whose answer was lost.

    Raises BrokerAway, with the broker's word on a refusal. Topics that exist are left alone: changing a live topic is
    an operator's decision. Only to create one the controller is needed, which is nobody for a moment after its death.
    """
    present = await ask(settings, lambda client: client.list_topics())
    replication = settings.kafka_replication
    missing = [
        NewTopic(t.name, t.partitions, replication, topic_configs=t.settings)
        for t in topics
        if t.name not in present
    ]
    if not missing:
        return []
    answer = await ask(settings, lambda client: client.create_topics(missing))
    refused = [error for error in answer.topic_errors if error[1] not in (0, _ALREADY_EXISTS)]
    if refused:
        faults = [
            f"topic {name} cannot be created: error {code} {why}" for name, code, why in refused
        ]
        raise BrokerAway("; ".join(faults))
    return [name for name, code, _ in answer.topic_errors if code == 0]
