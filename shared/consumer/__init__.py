"""A typed consumer of what Seedwire publishes, over aiokafka and pydantic.

    async for change in Consumer(ARTICLES, "localhost:9092"):
        match change:
            case Upsert(id, revision, article):
                show(id, article.title, article.url)
            case Removal(id):
                hide(id)

See docs/contract.md.
"""

from shared.consumer.changes import Change, Problem, Removal, Upsert
from shared.consumer.checkpoint import Checkpoint
from shared.consumer.consumer import Consumer
from shared.consumer.published_feeds import ARTICLES, STORIES

__all__ = [
    "ARTICLES",
    "STORIES",
    "Change",
    "Checkpoint",
    "Consumer",
    "Problem",
    "Removal",
    "Upsert",
]
