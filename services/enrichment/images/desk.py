"""Brings picture URLs to their outcome in the store: kept, failed for good, or parked until later."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from services.enrichment.images.backoff import pause
from services.enrichment.images.outcomes import Failed, Failure, Later, Measured, Outcome
from shared.clock import Clock
from shared.store import Parked, Picture, Store

Result = TypeVar("Result")
Fetch = Callable[[str, float], Awaitable[Outcome]]


@dataclass(frozen=True)
class Patience:
    """How long an attempt may take, and when the next one is made. Seconds."""

    first: float = 3
    long: float = 30
    retry: float = 60
    attempts: int = 8
    remember: timedelta = timedelta(hours=24)


class Desk:
    """Fetches what is not known yet. *random* gives numbers from 0 to 1."""

    def __init__(self, fetch: Fetch, patience: Patience, clock: Clock, random: Callable[[], float]) -> None:
        self._fetch = fetch
        self._patience = patience
        self._clock = clock
        self._random = random

    async def fetch_new(self, wanted: Mapping[str, Collection[str]], store: Store) -> None:
        """One short attempt at each URL of *wanted* (URL to the ids of its articles) that has no outcome yet.

        On return each has one, or is parked for each of its articles. Raises StoreAway; may be repeated.
        """
        known = await self._known(wanted, store)
        await _all_of(self._try(url, ids, store) for url, ids in wanted.items() if url not in known)

    async def take_up(self, work: Sequence[Parked], store: Store) -> list[Parked]:
        """One long attempt at each piece; returns those that have an outcome now. The others are parked anew."""
        by_url: dict[str, list[Parked]] = {}
        for piece in work:
            by_url.setdefault(piece.url, []).append(piece)
        known = await self._known(by_url, store)
        finished = [piece for url in known for piece in by_url[url]]
        tried = await _all_of(self._retry(by_url[url], store) for url in by_url if url not in known)
        return finished + [piece for pieces in tried for piece in pieces]

    async def _known(self, urls: Collection[str], store: Store) -> set[str]:
        """The URLs that need no attempt: kept, or failed for good not long ago."""
        since = self._clock() - self._patience.remember
        pictures = await store.pictures.get(urls)
        return {url for url, picture in pictures.items() if picture.state == "cached" or picture.checked_at > since}

    async def _try(self, url: str, ids: Iterable[str], store: Store) -> None:
        outcome = await self._fetch(url, self._patience.first)
        if isinstance(outcome, Later):
            fresh = [Parked(article_id, url, self._clock(), 0, "") for article_id in ids]
            await self._put_aside(fresh, outcome, store)
        else:
            await self._keep(url, outcome, store)

    async def _retry(self, pieces: list[Parked], store: Store) -> list[Parked]:
        """The pieces of one URL; returns them if they have an outcome now."""
        outcome = await self._fetch(pieces[0].url, self._patience.long)
        if isinstance(outcome, Later):
            if min(piece.attempts for piece in pieces) + 1 < self._patience.attempts:
                await self._put_aside(pieces, outcome, store)
                return []
            outcome = Failed(Failure.GAVE_UP, f"after {self._patience.attempts} attempts: {outcome}")
        await self._keep(pieces[0].url, outcome, store)
        return pieces

    async def _put_aside(self, pieces: Iterable[Parked], why: Later, store: Store) -> None:
        await store.parked.park([self._postponed(piece, why) for piece in pieces])

    def _postponed(self, piece: Parked, why: Later) -> Parked:
        attempts = piece.attempts + 1
        seconds = pause(attempts, self._patience.retry, why.after, self._random)
        due = self._clock() + timedelta(milliseconds=int(seconds * 1000))
        return replace(piece, due=due, attempts=attempts, reason=str(why), claim="")

    async def _keep(self, url: str, outcome: Measured | Failed, store: Store) -> None:
        if isinstance(outcome, Failed):
            await store.pictures.save(Picture(url, "failed", self._clock(), reason=str(outcome)))
            return
        picture = Picture(
            url=url,
            state="cached",
            checked_at=self._clock(),
            sha256=hashlib.sha256(outcome.content).hexdigest(),
            media_type=outcome.media_type,
            width=outcome.width,
            height=outcome.height,
            frames=outcome.frames,
            size=len(outcome.content),
        )
        await store.pictures.save(picture, outcome.content)


async def _all_of(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all to their end, side by side; only then raise what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()  # nothing is left behind when this is cancelled
    return [task.result() for task in tasks]
