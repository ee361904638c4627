"""Brings URLs of pictures and pages to their outcome in the store: kept, failed for good, or parked until later."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, TypeVar

from services.enrichment.images.fetching.fetch_outcome import (
    NOTHING_KNOWN,
    Failed,
    Failure,
    Later,
    Outcome,
    Validators,
)
from services.enrichment.images.pages.page_metadata import Found
from services.enrichment.images.scheduling.backoff import pause
from services.enrichment.images.scheduling.fetch_job import Errand, joining, split
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.images.storing.image_store import Prepare, as_it_came
from services.enrichment.images.storing.outcome_store import Register, known
from shared.clock import Clock
from shared.store import Parked, Store

Result = TypeVar("Result")
Fetch = Callable[[str, float, Validators], AbstractAsyncContextManager[Outcome | Found]]
"""The outcome of a URL, a picture's or a page's, within so many seconds; Unchanged if there is no other version.

Its bytes count against what one worker holds until it is left.
"""
Refuse = Callable[[str], Later | None]
"""What is known of the host of a URL without asking it: that it is to be left alone for now."""


class Desk:
    """Fetches what is not known yet, each URL once at a time. *random* gives numbers from 0 to 1."""

    def __init__(
        self,
        fetch: Fetch,
        patience: Patience,
        clock: Clock,
        random: Callable[[], float],
        prepare: Prepare = as_it_came,
        refuse: Refuse = lambda _: None,
    ) -> None:
        self._fetch = fetch
        self._register = Register(prepare)
        self._refuse = refuse
        self._patience = patience
        self._clock = clock
        self._random = random
        self._in_hand: dict[str, asyncio.Event] = {}

    async def missing(self, urls: Collection[str], store: Store) -> set[str]:
        """Those of *urls* that are to be asked for: without an outcome, or with one that is too old to stand."""
        outcomes, at = await known(urls, store), self._clock()
        return {url for url in urls if not self._patience.lets_stand(outcomes.get(url), at)}

    async def bring(self, wanted: Mapping[str, Collection[str]], store: Store) -> list[Parked]:
        """Ask for the URLs of *wanted* (each with the ids of its articles) that are missing and not parked for later.

        On return each has an outcome or is parked for each of its articles. Returns the parked pieces that have an
        outcome now, whoever they are for: to be forgotten once that is told. Raises StoreAway; may be repeated, and
        may run several times at once.
        """
        others = {url: ids for url, ids in wanted.items() if url in self._in_hand}
        mine = {url: ids for url, ids in wanted.items() if url not in others}
        in_hand = {url: asyncio.Event() for url in mine}
        self._in_hand |= in_hand
        try:
            finished = await self._bring(mine, store)
        finally:
            for url, event in in_hand.items():
                if self._in_hand.get(url) is event:
                    self._let_go(url)
        if not others:
            return finished
        await asyncio.gather(*(self._in_hand[url].wait() for url in others if url in self._in_hand))
        return finished + await self.bring(others, store)

    async def put_off(self, wanted: Mapping[str, Collection[str]], store: Store) -> set[str]:
        """Park those of *wanted* whose hosts are to be left alone for now, unasked; returns their URLs.

        What is known of hosts is what this process has met. Raises StoreAway; may be repeated.
        """
        likely = {url: ids for url, ids in wanted.items() if self._refuse(url)}
        if not likely:
            return set()
        errands, _ = await self._errands(likely, store)
        due, early = split(errands, self._clock())
        _, refused = self._refused(due)
        later = [piece for group in (*refused, *map(joining, early)) for piece in group]
        await store.parked.park(later)
        return {piece.url for piece in later}

    async def _bring(self, wanted: Mapping[str, Collection[str]], store: Store) -> list[Parked]:
        errands, pieces = await self._errands(wanted, store)
        due, early = split(errands, self._clock())
        asked, refused = self._refused(due)
        postponed = await _all_of(self._ask(errand, store) for errand in asked)
        later = [piece for group in (*postponed, *refused, *map(joining, early)) for piece in group]
        await store.parked.park(later)
        left = {piece.url for piece in later} | {errand.url for errand in early}
        return [piece for url, group in pieces.items() if url not in left for piece in group]

    async def _errands(
        self, wanted: Mapping[str, Collection[str]], store: Store
    ) -> tuple[list[Errand], dict[str, list[Parked]]]:
        """What is missing of *wanted*, and all that is parked for any of it, by URL."""
        outcomes, at = await known(wanted, store), self._clock()
        pieces: dict[str, list[Parked]] = {}
        for piece in await store.parked.on(wanted):
            pieces.setdefault(piece.url, []).append(piece)
        errands = [
            Errand(url, ids, pieces.get(url, ()), outcomes.get(url)) for url, ids in wanted.items()
        ]
        return [
            errand for errand in errands if not self._patience.lets_stand(errand.known, at)
        ], pieces

    def _refused(self, errands: Iterable[Errand]) -> tuple[list[Errand], list[list[Parked]]]:
        """Those to ask for, and what is parked at once: a host that is down may have thousands of pictures."""
        asked: list[Errand] = []
        refused: list[list[Parked]] = []
        for errand in errands:
            why = self._refuse(errand.url)
            if why and self._is_to_wait(errand, why):
                refused.append(self._postponed(errand, why))
            else:
                asked.append(errand)
        return asked, refused

    def _is_to_wait(self, errand: Errand, why: Later) -> bool:
        """What is kept is looked at another time; what was tried often enough has failed."""
        return errand.kept is None and (
            not why.counts or errand.attempts + 1 < self._patience.attempts
        )

    async def _ask(self, errand: Errand, store: Store) -> list[Parked]:
        """One attempt: a short one, or a long one at what is parked. Returns what is to be parked."""
        seconds = self._patience.seconds(errand.attempts)
        async with self._fetch(errand.url, seconds, await _validators(errand, store)) as outcome:
            if isinstance(outcome, Later) and self._is_to_wait(errand, outcome):
                return self._postponed(errand, outcome)
            if isinstance(outcome, Later) and errand.kept is None:
                outcome = Failed(
                    Failure.GAVE_UP, f"after {self._patience.attempts} attempts: {outcome}"
                )
            await self._register.enter(errand, outcome, self._clock(), store)
        self._let_go(errand.url)
        return []

    def _postponed(self, errand: Errand, why: Later) -> list[Parked]:
        """Everyone who waits for the URL, with its next attempt."""
        attempts = errand.attempts + why.counts
        seconds = pause(max(attempts, 1), self._patience.retry, why.after, self._random)
        due = self._clock() + timedelta(milliseconds=int(seconds * 1000))
        waiting = {*errand.article_ids, *(piece.article_id for piece in errand.pieces)}
        return [
            Parked(article_id, errand.url, due, attempts, str(why))
            for article_id in sorted(waiting)
        ]

    def _let_go(self, url: str) -> None:
        self._in_hand.pop(url).set()


async def _validators(errand: Errand, store: Store) -> Validators:
    """The version that we have; none if its bytes are lost: a host that has no other would not send them."""
    kept = errand.kept
    is_there = kept is not None and await store.bytes.size(kept.sha256) == kept.size
    return errand.validators if is_there else NOTHING_KNOWN


async def _all_of(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all to their end, side by side; only then raise what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()  # nothing is left behind when this is cancelled
    return [task.result() for task in tasks]
