"""Brings URLs of pictures and pages to their outcome in the store: kept, failed for good, or parked until later."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from services.enrichment.images.backoff import pause
from services.enrichment.images.errands import Errand, joining, split
from services.enrichment.images.keeping import Prepare, as_it_came, page_of
from services.enrichment.images.outcomes import NOTHING_KNOWN, Failed, Failure, Later, Measured, Outcome, Validators
from services.enrichment.images.pages import Found
from services.enrichment.images.wants import PAGE
from shared.clock import Clock
from shared.store import Page, Parked, Picture, Store

Result = TypeVar("Result")
Fetch = Callable[[str, float, Validators], AbstractAsyncContextManager[Outcome | Found]]
"""The outcome of a URL, a picture's or a page's, within so many seconds; Unchanged if there is no other version.

Its bytes count against what one worker holds until it is left.
"""
Refuse = Callable[[str], Later | None]
"""What is known of the host of a URL without asking it: that it is to be left alone for now."""
LONGEST_MEMORY = timedelta(hours=24)


@dataclass(frozen=True)
class Patience:
    """How long an attempt may take, and when the next one is made. Seconds.

    *remember*: how long a first failure for good stands; doubled with every further one, up to a day. *refresh*: the
    age from which on a kept picture, or a page, that is wanted anew is asked for again.
    """

    first: float = 3
    long: float = 30
    retry: float = 60
    attempts: int = 8
    remember: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(hours=24)


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
        self._prepare = prepare
        self._refuse = refuse
        self._patience = patience
        self._clock = clock
        self._random = random
        self._in_hand: dict[str, asyncio.Event] = {}

    async def missing(self, urls: Collection[str], store: Store) -> set[str]:
        """Those of *urls* that are to be asked for: without an outcome, or with one that is too old to stand."""
        known = await _known(urls, store)
        return {url for url in urls if not self._stands(known.get(url))}

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
        known = await _known(wanted, store)
        pieces: dict[str, list[Parked]] = {}
        for piece in await store.parked.on(wanted):
            pieces.setdefault(piece.url, []).append(piece)
        missing = [(url, ids) for url, ids in wanted.items() if not self._stands(known.get(url))]
        return [Errand(url, ids, pieces.get(url, ()), known.get(url)) for url, ids in missing], pieces

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
        return errand.kept is None and (not why.counts or errand.attempts + 1 < self._patience.attempts)

    def _stands(self, outcome: Picture | Page | None) -> bool:
        """Whether that outcome needs no attempt: kept, or failed for good, not long ago."""
        if outcome is None:
            return False
        memory = self._patience.refresh
        if isinstance(outcome, Picture) and outcome.state == "failed":
            memory = self._memory(outcome.failures)
        return self._clock() - outcome.checked_at < memory

    def _memory(self, failures: int) -> timedelta:
        doubled: timedelta = self._patience.remember * 2 ** min(max(failures - 1, 0), 10)
        return min(doubled, LONGEST_MEMORY)

    async def _ask(self, errand: Errand, store: Store) -> list[Parked]:
        """One attempt: a short one, or a long one at what is parked. Returns what is to be parked."""
        seconds = self._patience.long if errand.attempts else self._patience.first
        async with self._fetch(errand.url, seconds, _validators(errand.kept)) as outcome:
            if isinstance(outcome, Later) and self._is_to_wait(errand, outcome):
                return self._postponed(errand, outcome)
            if isinstance(outcome, Later) and errand.kept is None:
                outcome = Failed(Failure.GAVE_UP, f"after {self._patience.attempts} attempts: {outcome}")
            await self._save(errand, outcome, store)
        self._let_go(errand.url)
        return []

    def _postponed(self, errand: Errand, why: Later) -> list[Parked]:
        """Everyone who waits for the URL, with its next attempt."""
        attempts = errand.attempts + why.counts
        seconds = pause(max(attempts, 1), self._patience.retry, why.after, self._random)
        due = self._clock() + timedelta(milliseconds=int(seconds * 1000))
        waiting = {*errand.article_ids, *(piece.article_id for piece in errand.pieces)}
        return [Parked(article_id, errand.url, due, attempts, str(why)) for article_id in sorted(waiting)]

    def _let_go(self, url: str) -> None:
        self._in_hand.pop(url).set()

    async def _save(self, errand: Errand, outcome: Outcome | Found, store: Store) -> None:
        """A picture that is kept stays so, whatever becomes of asking for it again."""
        at = self._clock()
        if errand.url.startswith(PAGE):
            await store.pages.save(page_of(errand.url.removeprefix(PAGE), outcome, at))
            return
        if isinstance(outcome, Measured):
            outcome = await self._prepare(outcome, at, store)
        if isinstance(outcome, Measured):
            picture = _picture(errand.url, outcome, at)
            await store.pictures.save(
                replace(picture, replaced_at=_replaced_at(errand.known, picture)), outcome.content
            )
        elif errand.kept is not None:
            await store.pictures.save(replace(errand.kept, checked_at=at))
        else:
            failed = Picture(errand.url, "failed", at, reason=str(outcome), failures=errand.failures + 1)
            await store.pictures.save(failed)


async def _known(urls: Collection[str], store: Store) -> dict[str, Picture | Page]:
    """The outcomes of pictures and pages, under the names by which they are asked for."""
    pictures = await store.pictures.get([url for url in urls if not url.startswith(PAGE)])
    addresses = [url.removeprefix(PAGE) for url in urls if url.startswith(PAGE)]
    pages = await store.pages.get(addresses) if addresses else {}
    return {**pictures, **{PAGE + address: page for address, page in pages.items()}}


def _picture(url: str, measured: Measured, at: datetime) -> Picture:
    return Picture(
        url=url,
        state="cached",
        checked_at=at,
        sha256=hashlib.sha256(measured.content).hexdigest(),
        media_type=measured.media_type,
        width=measured.width,
        height=measured.height,
        frames=measured.frames,
        size=len(measured.content),
        etag=measured.validators.etag,
        last_modified=measured.validators.last_modified,
    )


def _replaced_at(before: Picture | Page | None, after: Picture) -> datetime | None:
    """Articles that showed the outcome *before* show another now, unless it has the same bytes."""
    if not isinstance(before, Picture):
        return None
    return before.replaced_at if before.sha256 == after.sha256 else after.checked_at


def _validators(kept: Picture | None) -> Validators:
    return Validators(kept.etag, kept.last_modified) if kept else NOTHING_KNOWN


async def _all_of(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all to their end, side by side; only then raise what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()  # nothing is left behind when this is cancelled
    return [task.result() for task in tasks]
