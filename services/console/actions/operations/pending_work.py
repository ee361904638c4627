"""Whether everything that was dropped has passed every stage, and what is pending if not.

The stages are asked from first to last: what stage 1 has not read yet cannot be in stage 2. Parked
work does not count. Who waits for all work also waits until linking has nothing left to link anew
(docs/decisions/0062).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.console.counts import format_count
from services.console.sampling.stages import STAGES, name_group
from shared.broker.network.cluster_description import describe_cluster
from shared.broker.offsets.lag import measure_lag
from shared.settings import Settings
from shared.store import FeedSnapshot, Store

TASKS: Final = ("announcement", "images", "related", "decision")
CHECK_INTERVAL: Final = 0.2  # seconds

LINKING, REVISIONS, STORY_EVENTS = (  # keys of `waiting`, which scripts read from JSON output
    "being linked anew",
    "being published",
    "being told of their stories",
)
SERVICE_OF: Final[Mapping[str, str]] = {
    "announcement": "ingest",
    "images": "images",
    "related": "related",
    LINKING: "related",
    STORY_EVENTS: "publishing",
    "decision": "publishing",
    REVISIONS: "publishing",
}
"""The service that does what articles wait for, by the key in `waiting`."""

LABELS: Final = {
    LINKING: "linking",
    REVISIONS: "their revision to be announced",
    STORY_EVENTS: "their story event to be announced",
}
"""What people read instead of these keys."""


Look = Callable[[], Awaitable[Mapping[str, int]]]
"""Counts what is pending, by what it waits for."""

EndsEarly = Callable[["PendingWork"], Awaitable[bool]]
"""Whether waiting any longer for what is pending is no use."""


async def never_ends_early(_: "PendingWork") -> bool:
    return False


@dataclass(frozen=True)
class PendingWork:
    """Records that each service has not committed, and tasks that stored articles wait for."""

    lag: Mapping[str, int]
    waiting: Mapping[str, int]

    @property
    def is_empty(self) -> bool:
        return not any(self.lag.values()) and not any(self.waiting.values())

    def __str__(self) -> str:
        parts = []
        for service, count in self.lag.items():
            if count:
                parts.append(f"{format_count(count, 'record')} for {service}")
        for task, count in label_waiting(self.waiting):
            parts.append(f"{format_count(count, 'article')} waiting for {task}")
        return ", ".join(parts) or "nothing"


async def load_pending_work(settings: Settings, store: Store) -> PendingWork:
    """What is pending now. Raises KafkaUnavailable or StoreUnavailable."""
    return await find_pending_work(lambda: measure_lags(settings), lambda: count_waiting(store))


async def find_pending_work(measure_lags: Look, count_waiting: Look) -> PendingWork:
    """What two looks find, at the topics and at the store.

    Where neither finds anything, the topics are looked at once more. In between, linking may have
    had an article decided, and publishing woken its relatives: by then the store waits for nothing
    and the events are still in the topic.
    """
    lags = await measure_lags()
    pending = exclude_repeated_fetches(lags, await count_waiting())
    if pending.is_empty:
        return exclude_repeated_fetches(await measure_lags(), pending.waiting)
    return pending


async def wait_until_done(
    settings: Settings,
    store: Store,
    timeout: float,
    report: Callable[[PendingWork], object] = lambda pending: None,
    interval: float = CHECK_INTERVAL,
    ends_early: EndsEarly = never_ends_early,
) -> PendingWork:
    """Wait until nothing is pending or to come, *timeout* seconds at most; returns what still is.

    It looks every *interval* seconds. After each look that finds something, *report* is called,
    and *ends_early* may end the waiting. Raises KafkaUnavailable, StoreUnavailable or
    SettingsError.
    """
    deadline = time.monotonic() + timeout
    while True:
        pending = await _load_all_work(settings, store)
        if pending.is_empty or time.monotonic() >= deadline:
            return pending
        report(pending)
        if await ends_early(pending):
            return pending
        await asyncio.sleep(interval)


async def _load_all_work(settings: Settings, store: Store) -> PendingWork:
    snapshot = await store.feed.get_snapshot()  # first: it may change until the rest is counted
    pending = await load_pending_work(settings, store)
    return await add_work_to_come(pending, snapshot, store)


async def add_work_to_come(
    pending: PendingWork, snapshot: FeedSnapshot | None, store: Store
) -> PendingWork:
    """What is pending; once nothing is, the articles that linking will link anew by itself.

    It finds them when it next compares the articles with the statistics of the feed. *snapshot* has
    these statistics, as they were before *pending* was counted.
    """
    if snapshot is None or not pending.is_empty:
        return pending
    # Imported here: it loads linking, which takes longer than a look at what is pending.
    from services.console.actions.operations.articles_to_link import count_articles_to_link

    articles = await count_articles_to_link(snapshot, store)
    return PendingWork(pending.lag, {**pending.waiting, LINKING: articles})


async def measure_lags(settings: Settings) -> dict[str, int]:
    """Records that each service has not committed, one service after the other.

    A topic that does not exist yet has none. Raises KafkaUnavailable.
    """
    partitions = (await describe_cluster(settings)).partitions
    lags: dict[str, int] = {}
    for service, topic in STAGES:
        group = name_group(service)
        lags[service] = await measure_lag(settings, group, partitions.get(topic, ()))
    return lags


async def measure_lags_at_once(settings: Settings) -> dict[str, int]:
    """The same for those who only look: quicker, but a record may pass between two services."""
    partitions = (await describe_cluster(settings)).partitions
    lags = await asyncio.gather(
        *(
            measure_lag(settings, name_group(service), partitions.get(topic, ()))
            for service, topic in STAGES
        )
    )
    return {service: lag for (service, _), lag in zip(STAGES, lags, strict=True)}


def exclude_repeated_fetches(lags: Mapping[str, int], waiting: Mapping[str, int]) -> PendingWork:
    """Leave out fetches that no article waits for: those were parked, and are tried once more.

    An article waits for images until each one that it needs was fetched or parked.
    """
    if waiting["images"]:
        return PendingWork(lags, waiting)
    return PendingWork({**lags, "images.fetch": 0}, waiting)


async def count_waiting(store: Store) -> dict[str, int]:
    """How many articles wait for each task, and how many saved events are not announced yet.

    Dirty marks are counted first, because a worker makes an article wait for the next stage before
    it clears the article's mark.
    """
    dirty = await store.neighbourhoods.count_dirty()
    articles = await store.articles.counts()
    revisions = (await store.decisions.counts())["due"]
    stories = (await store.stories.counts())["due"]
    return {
        LINKING: dirty,
        **{task: articles[task] for task in TASKS},
        REVISIONS: revisions,
        STORY_EVENTS: stories,
    }


def label_waiting(waiting: Mapping[str, int]) -> list[tuple[str, int]]:
    """What articles wait for, in words, and how many do. What nothing waits for is left out."""
    return [(LABELS.get(task, task), count) for task, count in waiting.items() if count]
