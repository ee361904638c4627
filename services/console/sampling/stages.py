"""The stages of the pipeline: the name of each input, and the topic that it reads."""

from typing import Final

from shared.events.topics import ENRICHED, INGESTED, SEEDS, WANTED

STAGES: Final = (
    ("ingest", SEEDS),
    ("images", INGESTED),
    ("images.fetch", WANTED),
    ("related", INGESTED),
    ("publishing", ENRICHED),
)
"""From first to last: what stage 1 has not read yet cannot be in stage 2."""


def name_group(stage: str) -> str:
    """The consumer group of *stage*."""
    return f"seedwire.{stage}"


def name_service(stage: str) -> str:
    """The service of *stage*: that of `images.fetch` is images."""
    return stage.partition(".")[0]
