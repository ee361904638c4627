"""What ingest does with a batch of records: every drop gets one receipt; what changed is saved, then announced."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from services.ingest.batch_save import Answer, save_seeds
from services.ingest.seed_record import Refusal, read, refusals, seeds
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock
from shared.events.catalogue import ingested, receipt, rejection
from shared.store import Store, StoredArticle


class Ingest:
    """The handler, the sweep and what a new cluster needs. Each may be repeated at any point."""

    def __init__(self, clock: Clock, overdue_seconds: float) -> None:
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        drops = [read(record) for record in records]
        await failpoints.reached("parsed")
        answers = await save_seeds(seeds(drops), store, self._clock)
        await failpoints.reached("saved")
        refused = await self._refuse(refusals(drops), store)
        await failpoints.reached("refused")
        return [*announcements(a.article for a in answers), *refused, *receipts(answers)]

    async def sweep(self, store: Store) -> list[Event]:
        """Announce what was saved long ago and never announced."""
        waiting = await store.articles.waiting("announcement", self._clock() - self._overdue)
        return announcements(waiting)

    async def resend(self, store: Store) -> list[Event]:
        """For a cluster with empty topics: every article that some stage has not finished with."""
        events: list[Event] = []
        after = ""
        while page := await store.articles.page(after):
            events += [
                ingested(a) for a in page if a.pending & {"announcement", "images", "related"}
            ]
            after = page[-1].id
        return events

    async def _refuse(self, refused: Sequence[Refusal], store: Store) -> list[Event]:
        kept = [rejection(r.record, "ingest", r.causes, self._clock()) for r in refused]
        await store.rejected.save([rejected for rejected, _ in kept])
        answers = [receipt(r.record, "rejected", None, r.causes) for r in refused]
        return [*(event for _, event in kept), *answers]


def announcements(articles: Iterable[StoredArticle]) -> list[Event]:
    """One event for each article whose newest version is not yet announced."""
    distinct = {article.id: article for article in articles}
    return [ingested(article) for article in distinct.values() if "announcement" in article.pending]


def receipts(answers: Iterable[Answer]) -> list[Event]:
    return [receipt(answer.seed.record, answer.status, answer.article.id) for answer in answers]
