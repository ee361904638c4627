"""Brings picture URLs to their outcome in the store: kept, failed for good, or parked until later."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from services.enrichment.images.backoff import pause
from services.enrichment.images.outcomes import NOTHING_KNOWN, Failed, Failure, Later, Measured, Outcome, Validators
from shared.clock import Clock
from shared.store import Parked, Picture, Store

Result = TypeVar("Result")
Fetch = Callable[[str, float, Validators], AbstractAsyncContextManager[Outcome]]
"""The outcome of a URL, within so many seconds; Unchanged if the host has no other version than that.

Its bytes count against what one worker holds until it is left.
"""
LONGEST_MEMORY = timedelta(hours=24)


@dataclass(frozen=True)
class Patience:
    """How long an attempt may take, and when the next one is made. Seconds.

    *remember*: how long a first failure for good stands; doubled with every further one, up to a day. *refresh*: the
    age from which on a kept picture that is named anew is asked for again.
    """

    first: float = 3
    long: float = 30
    retry: float = 60
    attempts: int = 8
    remember: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Errand:
    """One URL to ask for: the articles that wait for it, what is parked for it already, and what is known of it."""

    url: str
    article_ids: Collection[str]
    pieces: Sequence[Parked]
    known: Picture | None

    @property
    def kept(self) -> Picture | None:
        return self.known if self.known is not None and self.known.state == "cached" else None

    @property
    def attempts(self) -> int:
        return min((piece.attempts for piece in self.pieces), default=0)


class Desk:
    """Fetches what is not known yet, each URL once at a time. *random* gives numbers from 0 to 1."""

    def __init__(self, fetch: Fetch, patience: Patience, clock: Clock, random: Callable[[], float]) -> None:
        self._fetch = fetch
        self._patience = patience
        self._clock = clock
        self._random = random
        self._in_hand: dict[str, asyncio.Event] = {}

    async def missing(self, urls: Collection[str], store: Store) -> set[str]:
        """Those of *urls* that are to be asked for: without an outcome, or with one that is too old to stand."""
        pictures = await store.pictures.get(urls)
        return {url for url in urls if not self._stands(pictures.get(url))}

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

    async def _bring(self, wanted: Mapping[str, Collection[str]], store: Store) -> list[Parked]:
        pictures = await store.pictures.get(wanted)
        missing = {url: ids for url, ids in wanted.items() if not self._stands(pictures.get(url))}
        pieces: dict[str, list[Parked]] = {}
        for piece in await store.parked.on(wanted):
            pieces.setdefault(piece.url, []).append(piece)
        errands = [Errand(url, ids, pieces.get(url, ()), pictures.get(url)) for url, ids in missing.items()]
        due, early = _split(errands, self._clock())
        postponed = await _all_of(self._ask(errand, store) for errand in due)
        later = [piece for group in (*postponed, *map(_joining, early)) for piece in group]
        await store.parked.park(later)
        left = {piece.url for piece in later} | {errand.url for errand in early}
        return [piece for url, group in pieces.items() if url not in left for piece in group]

    def _stands(self, picture: Picture | None) -> bool:
        """Whether that outcome needs no attempt: kept, or failed for good, not long ago."""
        if picture is None:
            return False
        age = self._clock() - picture.checked_at
        return age < (self._patience.refresh if picture.state == "cached" else self._memory(picture.failures))

    def _memory(self, failures: int) -> timedelta:
        doubled: timedelta = self._patience.remember * 2 ** min(max(failures - 1, 0), 10)
        return min(doubled, LONGEST_MEMORY)

    async def _ask(self, errand: Errand, store: Store) -> list[Parked]:
        """One attempt: a short one, or a long one at what is parked. Returns what is to be parked."""
        seconds = self._patience.long if errand.attempts else self._patience.first
        async with self._fetch(errand.url, seconds, _validators(errand.kept)) as outcome:
            if isinstance(outcome, Later) and errand.kept is None:
                if not outcome.counts or errand.attempts + 1 < self._patience.attempts:
                    return self._postponed(errand, outcome)
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

    async def _save(self, errand: Errand, outcome: Outcome, store: Store) -> None:
        """A picture that is kept stays so, whatever becomes of asking for it again."""
        at = self._clock()
        if isinstance(outcome, Measured):
            await store.pictures.save(_picture(errand.url, outcome, at), outcome.content)
        elif errand.kept is not None:
            await store.pictures.save(replace(errand.kept, checked_at=at))
        else:
            failures = 1 + (errand.known.failures if errand.known else 0)
            await store.pictures.save(Picture(errand.url, "failed", at, reason=str(outcome), failures=failures))


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


def _validators(kept: Picture | None) -> Validators:
    return Validators(kept.etag, kept.last_modified) if kept else NOTHING_KNOWN


def _split(errands: Iterable[Errand], at: datetime) -> tuple[list[Errand], list[Errand]]:
    """Those to make now, and those whose URL is parked for later."""
    due: list[Errand] = []
    early: list[Errand] = []
    for errand in errands:
        is_due = not errand.pieces or min(piece.due for piece in errand.pieces) <= at
        (due if is_due else early).append(errand)
    return due, early


def _joining(errand: Errand) -> list[Parked]:
    """Who waits for a URL that is parked for others waits with them."""
    soonest = min(errand.pieces, key=lambda piece: piece.due)
    known = {piece.article_id for piece in errand.pieces}
    return [replace(soonest, article_id=one, claim="") for one in errand.article_ids if one not in known]


async def _all_of(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all to their end, side by side; only then raise what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()  # nothing is left behind when this is cancelled
    return [task.result() for task in tasks]
