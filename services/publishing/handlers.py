"""What publishing does with a batch of records, with what a crash left behind, and with a new cluster."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from services.publishing.reconciler import ALL, Desk, publications
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.catalogue import article_ids, enriched
from shared.store import Decision, Publication, Stage, Store, StoredArticle

STAGES: Final[tuple[Stage, ...]] = (
    "images",
    "related",
)  # an article that one still works on is woken by it


class Publishing:
    """The handler, the sweep and what a new cluster needs. Each may be repeated at any point."""

    def __init__(self, desk: Desk, clock: Clock, overdue_seconds: float) -> None:
        self._desk = desk
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        return await self._desk.decide_articles(article_ids(records), store)

    async def sweep(self, store: Store) -> list[Event]:
        """Wake the articles that were to be decided or announced long ago.

        It decides and announces nothing itself: the owner of an article's partition does, or a revision could
        overtake an older one.
        """
        before = self._clock() - self._overdue
        waiting = await store.articles.waiting("decision", before, unless=STAGES)
        due = [item for item in await store.decisions.due() if item.at < before]
        return [*_wake(waiting), *_wake_for(due)]

    async def resend(self, store: Store) -> list[Event]:
        """For a cluster with empty topics: the latest revision of every article that was ever published.

        Retractions too: a consumer that kept its copy learns from them what it missed when the old cluster went.
        """
        events: list[Event] = []
        after = ""
        while page := await store.decisions.page(after):
            due = await store.decisions.due([decision.article_id for decision in page], ALL)
            events += publications(_latest(page, due))
            after = page[-1].article_id
        return [
            *events,
            *_wake(await store.articles.waiting("decision", self._clock(), unless=STAGES)),
        ]


def _latest(decisions: Iterable[Decision], due: Sequence[Publication]) -> list[Publication]:
    """The latest revision of each, and before it what was never announced; the latest is due last, if it is due."""
    announced = [decision.latest for decision in decisions if decision.latest]
    return [*due, *(item for item in announced if item not in due)]


def _wake(waiting: Iterable[StoredArticle]) -> list[Event]:
    return [
        enriched(article.id, "publishing", f"{article.id}.v{article.version}")
        for article in waiting
    ]


def _wake_for(due: Iterable[Publication]) -> list[Event]:
    latest = {item.article_id: item.revision for item in due}
    return [
        enriched(article_id, "publishing", f"{article_id}.r{number}")
        for article_id, number in latest.items()
    ]
