"""What related does with a batch of announced articles, with neighbourhoods that are to be settled, and with notices
of stories that a crash left behind."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.enrichment.related.features.sentence_embedding import Model
from services.enrichment.related.features.signature import sign_all
from services.enrichment.related.linking.linker import Linker
from services.enrichment.related.linking.recompute import Settled, Settler
from shared import failpoints
from shared.broker.records import Event, Record
from shared.clock import Clock, now
from shared.events.catalogue import article_ids, enriched, story_told
from shared.store import Signature, Store, StoredArticle

AT_ONCE = 5000  # marks that are settled together: neighbours share the reading
SIGNED = 50  # articles that are signed before heartbeats get their turn
FEW = 50  # articles of a batch that are settled with it: larger ones are a backlog, whose neighbourhoods change again
BEHIND = timedelta(
    seconds=3
)  # after a large batch: the next one is well in hand by then, or there is none
LULL = (
    19  # times as long as the last settling took: in a backlog a twentieth of the time goes there
)
LONGEST = timedelta(seconds=10)  # between two settlings all the same
ALL = 1_000_000  # notices of the stories in hand: one left for later would come after newer ones


class Related:
    """The handler and its chores. All it knows of articles is in the store, so workers come and go."""

    def __init__(
        self,
        linker: Linker,
        settler: Settler,
        clock: Clock = now,
        overdue_seconds: float = 30,
        model: Model | None = None,
    ) -> None:
        self._linker = linker
        self._settler = settler
        self._clock = clock
        self._overdue = timedelta(seconds=overdue_seconds)
        self._model = model
        self._behind_until = self._settle_from = (
            clock()
        )  # how busy this one is: nobody else needs to know

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Place the articles; after a small batch settle what is marked, by it or by others."""
        articles = await store.articles.get(article_ids(records))
        await failpoints.reached("parsed")
        await self.place(articles.values(), store)
        settled = None
        if len(articles) <= FEW:
            settled = await self._settler.settle(store, AT_ONCE)
        else:
            self._behind_until = self._clock() + BEHIND
        await failpoints.reached("saved")
        return await _events(
            {one: article.version for one, article in articles.items()}, settled or Settled(), store
        )

    async def place(self, articles: Iterable[StoredArticle], store: Store) -> None:
        """Find what these articles are near to, and mark all whose neighbourhood changed."""
        await self._linker.place(await self._signed([*articles]), store)

    async def _signed(self, articles: Sequence[StoredArticle]) -> list[Signature]:
        """Theirs, with what the model makes of each if there is one: that takes milliseconds, off the loop."""
        signatures: list[Signature] = []
        for start in range(0, len(articles), SIGNED):
            signatures += sign_all(articles[start : start + SIGNED])
            await asyncio.sleep(0)
        if self._model is None:
            return signatures
        senses = [
            await asyncio.to_thread(self._model.sense, article.article) for article in articles
        ]
        return [replace(one, sense=sense) for one, sense in zip(signatures, senses, strict=True)]

    async def settle(self, store: Store) -> list[Event]:
        """Settle some of the articles that are marked, and say whose relatives changed."""
        settled = await self._settler.settle(store, AT_ONCE)
        return await _events({}, settled, store) if settled else []

    async def settle_in_time(self, store: Store) -> list[Event]:
        """The same; in a backlog only now and then, since the same neighbourhoods will change again and again."""
        begun = self._clock()
        if (
            timedelta(0) < min(self._behind_until, self._settle_from) - begun <= LONGEST
        ):  # else the clock was put back
            return []
        events = await self.settle(store)
        ended = self._clock()
        self._settle_from = ended + min(LULL * (ended - begun), LONGEST)
        return events

    async def sweep(self, store: Store) -> list[Event]:
        """The notices of stories that were to be sent long ago; every earlier one of the same story goes before.

        Marks articles anew that wait for this stage and are marked no more: who opened them died before marking them.
        """
        before = self._clock() - self._overdue
        await self._mark_forgotten(before, store)
        late = {notice.story_id for notice in await store.stories.due() if notice.at < before}
        return [story_told(notice) for notice in await store.stories.due(late, ALL)]

    async def _mark_forgotten(self, before: datetime, store: Store) -> None:
        """Of what waits since before that time. What is not placed yet is still to come as a record."""
        late = {
            article.id: article.version
            for article in await store.articles.waiting("related", before)
        }
        signed = await store.relations.versions(late)
        placed = [one for one, version in late.items() if signed.get(one) == version]
        if placed:
            await store.relations.hold(placed, self._clock(), timedelta(0))

    async def resend(self, store: Store) -> list[Event]:
        """For a cluster with empty topics: the latest notice of every story, and what was still due."""
        events: list[Event] = []
        after = ""
        while page := await store.stories.page(after):
            due = await store.stories.due([story.id for story in page], ALL)
            latest = [story.latest for story in page if story.latest and story.latest not in due]
            events += [story_told(notice) for notice in [*due, *latest]]
            after = page[-1].id
        return events


async def _events(versions: Mapping[str, int], settled: Settled, store: Store) -> list[Event]:
    """Who is to be decided anew, then what is not yet told of the stories around."""
    told = sorted({**versions, **settled.told}.items())
    notices = await store.stories.due(settled.stories, ALL)
    return [
        *(enriched(one, "related", f"{one}.v{version}") for one, version in told),
        *(story_told(notice) for notice in notices),
    ]
