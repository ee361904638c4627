"""Whether all that was dropped is through every stage, and what is left if not.

Asked from front to back: what stage 1 has not yet read cannot be in stage 2. Parked work does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.broker.lag import lag
from shared.broker.topics import ENRICHED, INGESTED, SEEDS, WANTED
from shared.settings import Settings
from shared.store import Store

STAGES: Final = (
    ("ingest", SEEDS),
    ("images", INGESTED),
    ("images.fetch", WANTED),
    ("related", INGESTED),
    ("publishing", ENRICHED),
)
TASKS: Final = ("announcement", "images", "related", "decision")


@dataclass(frozen=True)
class Left:
    """Records that each service has not finished, and tasks that articles in the store still wait for."""

    lag: Mapping[str, int]
    waiting: Mapping[str, int]

    @property
    def nothing(self) -> bool:
        return not any(self.lag.values()) and not any(self.waiting.values())

    def __str__(self) -> str:
        records = [
            f"{number} records for {service}" for service, number in self.lag.items() if number
        ]
        articles = [
            f"{number} articles waiting for {task}"
            for task, number in self.waiting.items()
            if number
        ]
        return ", ".join([*records, *articles]) or "nothing"


async def left(settings: Settings, store: Store) -> Left:
    """What is left now. Raises EngineAway."""
    lags = {service: await lag(settings, topic, f"seedwire.{service}") for service, topic in STAGES}
    return counted(lags, await waiting(store))


def counted(lags: Mapping[str, int], waits: Mapping[str, int]) -> Left:
    """Without the pictures that nobody waits for: they were parked, and are asked for once more.

    An article waits for images until every picture it asked for has come or is parked.
    """
    return Left(lags if waits["images"] else {**lags, "images.fetch": 0}, waits)


async def waiting(store: Store) -> dict[str, int]:
    """How many articles wait for what, and how many publications and notices of stories are not yet announced.

    Marks are counted first: what settles one lets its article wait for the next stage before the mark goes.
    """
    marked = (await store.relations.counts())["unsettled"]
    counts = await store.articles.counts()
    due = (await store.decisions.counts())["due"]
    told = (await store.stories.counts())["due"]
    waits = {task: counts[task] for task in TASKS}
    return {
        "being linked anew": marked,
        **waits,
        "being published": due,
        "being told of their stories": told,
    }
