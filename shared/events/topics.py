"""The names of Seedwire's topics, and their declaration in `deploy/topics.toml`."""

from pathlib import Path
from typing import Final

from shared.broker.topic_creation import Topic, read_topics

SEEDS: Final = "seeds"
RECEIPTS: Final = "seeds.receipts"
REJECTED: Final = "seeds.rejected"
INGESTED: Final = "articles.ingested"
ENRICHED: Final = "articles.enriched"
WANTED: Final = "pictures.wanted"
PUBLISHED_LOG: Final = "published.log"
PUBLISHED_STATE: Final = "published.state"
STORIES_LOG: Final = "stories.log"
STORIES_STATE: Final = "stories.state"

DECLARATION: Final = Path(__file__).parents[2] / "deploy" / "topics.toml"


def load_topics() -> list[Topic]:
    """Every topic of Seedwire, with its partitions and settings."""
    return read_topics(DECLARATION)
