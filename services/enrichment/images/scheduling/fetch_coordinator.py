"""Brings keys to an outcome in the store: cached, failed for good, or parked until later."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from services.enrichment.images.fetch_outcome import (
    NO_VALIDATORS,
    Failure,
    FailureKind,
    FetchOutcome,
    RetryLater,
    Validators,
)
from services.enrichment.images.pages.page_metadata import PageMetadata
from services.enrichment.images.scheduling.backoff import backoff_seconds
from services.enrichment.images.scheduling.fetch_job import FetchJob, split_by_due
from services.enrichment.images.scheduling.keys_in_hand import KeysInHand
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from services.enrichment.images.storing.outcome_store import load_outcomes, save_outcome
from shared.clock import Clock
from shared.store import ParkedFetch, Store

Result = TypeVar("Result")
Fetch = Callable[
    [str, float, Validators, Store], AbstractAsyncContextManager[FetchOutcome | PageMetadata]
]
"""The outcome of a key, within so many seconds. Its bytes count against the worker's limits until
the block is left."""
Refuse = Callable[[str], RetryLater | None]
"""The outcome if the key's host must not be contacted now; None if it may be. Contacts nobody."""


class FetchCoordinator:
    """Fetches what is missing, each key once at a time. *random* gives numbers from 0 to 1."""

    def __init__(
        self,
        fetch: Fetch,
        retry_policy: RetryPolicy,
        clock: Clock,
        random: Callable[[], float],
        refuse: Refuse = lambda _: None,
    ) -> None:
        self._fetch = fetch
        self._refuse = refuse
        self._policy = retry_policy
        self._clock = clock
        self._random = random
        self._in_hand = KeysInHand()

    async def find_missing(self, keys: Collection[str], store: Store) -> set[str]:
        """The keys to request: those without an outcome, or with one that has expired."""
        outcomes, now = await load_outcomes(keys, store), self._clock()
        return {key for key in keys if not self._policy.is_current(outcomes.get(key), now)}

    async def fetch_all(
        self, requested: Mapping[str, Collection[str]], store: Store
    ) -> list[ParkedFetch]:
        """Fetch the missing keys of *requested*, which has the article ids that wait for each.

        On return each key has an outcome or is parked for each of its articles. Returns the parked
        work that has an outcome now, whoever it is for: remove it once that is announced. Raises
        StoreUnavailable. It may be repeated, and may run several times at once.
        """
        mine: dict[str, Collection[str]] = {}
        others: dict[str, Collection[str]] = {}
        for key, article_ids in requested.items():
            if key in self._in_hand:
                others[key] = article_ids
            else:
                mine[key] = article_ids
        with self._in_hand.hold(mine):
            finished = await self._fetch_mine(mine, store)
        if not others:
            return finished
        await self._in_hand.wait_for(others)
        return finished + await self.fetch_all(others, store)

    async def park_unavailable(
        self, requested: Mapping[str, Collection[str]], store: Store
    ) -> set[str]:
        """Park, without a request, the keys whose hosts must not be contacted now; returns them.

        Only hosts that this process has met are known. Raises StoreUnavailable; may be repeated.
        """
        refused = {key: ids for key, ids in requested.items() if self._refuse(key)}
        if not refused:
            return set()
        jobs, _ = await self._load_jobs(refused, store)
        due, early = split_by_due(jobs, self._clock())
        _, work = self._park_refused(due)
        work += _park_early(early)
        await store.parked.park(work)
        return {fetch.url for fetch in work}

    async def put_off(self, parked: Sequence[ParkedFetch], reason: str, store: Store) -> None:
        """Count an attempt that failed for a *reason* of ours, and park the work until later.

        Work that had its last attempt is removed: an audit shows that its pictures have no outcome.
        """
        due, exhausted = [], []
        for fetch in parked:
            attempts = fetch.attempts + 1
            if attempts >= self._policy.max_attempts:
                exhausted.append(fetch)
                continue
            seconds = backoff_seconds(attempts, self._policy.retry_seconds, None, self._random)
            at = self._clock() + timedelta(seconds=seconds)
            due.append(replace(fetch, due=at, attempts=attempts, reason=reason, claim=""))
        await store.parked.park(due)
        await store.parked.remove(exhausted)

    async def _fetch_mine(
        self, requested: Mapping[str, Collection[str]], store: Store
    ) -> list[ParkedFetch]:
        jobs, parked = await self._load_jobs(requested, store)
        due, early = split_by_due(jobs, self._clock())
        to_attempt, refused = self._park_refused(due)
        work: list[ParkedFetch] = []
        for postponed in await _run_all(self._attempt(job, store) for job in to_attempt):
            work += postponed
        work += [*refused, *_park_early(early)]
        await store.parked.park(work)
        unfinished = {fetch.url for fetch in work}
        unfinished |= {job.key for job in early}
        finished: list[ParkedFetch] = []
        for key, fetches in parked.items():
            if key not in unfinished:
                finished += fetches
        return finished

    async def _load_jobs(
        self, requested: Mapping[str, Collection[str]], store: Store
    ) -> tuple[list[FetchJob], dict[str, list[ParkedFetch]]]:
        """The jobs for the missing keys, and everything that is parked for any key, by key."""
        outcomes, now = await load_outcomes(requested, store), self._clock()
        parked: dict[str, list[ParkedFetch]] = {}
        for fetch in await store.parked.find_by_urls(requested):
            parked.setdefault(fetch.url, []).append(fetch)
        jobs: list[FetchJob] = []
        for key, article_ids in requested.items():
            job = FetchJob(key, article_ids, parked.get(key, ()), outcomes.get(key))
            if not self._policy.is_current(job.outcome, now):
                jobs.append(job)
        return jobs, parked

    def _park_refused(self, jobs: Iterable[FetchJob]) -> tuple[list[FetchJob], list[ParkedFetch]]:
        """The jobs to attempt, and the work to park at once: a host that is down may have thousands
        of pictures."""
        to_attempt: list[FetchJob] = []
        work: list[ParkedFetch] = []
        for job in jobs:
            refusal = self._refuse(job.key)
            if refusal and self._should_park(job, refusal):
                work += self._postpone(job, refusal)
            else:
                to_attempt.append(job)
        return to_attempt, work

    async def _attempt(self, job: FetchJob, store: Store) -> list[ParkedFetch]:
        """One attempt: short at first, long for what was parked. Returns the work to park."""
        seconds = self._policy.timeout_seconds(job.attempts)
        validators = await _choose_validators(job, store)
        async with self._fetch(job.key, seconds, validators, store) as outcome:
            if isinstance(outcome, RetryLater) and self._should_park(job, outcome):
                return self._postpone(job, outcome)
            if isinstance(outcome, RetryLater) and job.cached_picture is None:
                reason = f"after {self._policy.max_attempts} attempts: {outcome}"
                outcome = Failure(FailureKind.GAVE_UP, reason)
            await save_outcome(job, outcome, self._clock(), store)
        self._in_hand.release(job.key)
        return []

    def _should_park(self, job: FetchJob, outcome: RetryLater) -> bool:
        """A cached picture is checked another time instead; after its last attempt a key fails."""
        is_last_attempt = job.attempts + 1 >= self._policy.max_attempts
        return job.cached_picture is None and not (outcome.is_attempt and is_last_attempt)

    def _postpone(self, job: FetchJob, outcome: RetryLater) -> list[ParkedFetch]:
        """The work to park for everyone who waits for the key."""
        attempts = job.attempts + outcome.is_attempt
        seconds = backoff_seconds(
            max(attempts, 1), self._policy.retry_seconds, outcome.retry_after, self._random
        )
        due = self._clock() + timedelta(milliseconds=int(seconds * 1000))
        return job.park_until(due, attempts, str(outcome))


def _park_early(jobs: Iterable[FetchJob]) -> list[ParkedFetch]:
    work: list[ParkedFetch] = []
    for job in jobs:
        work += job.park_with_others()
    return work


async def _choose_validators(job: FetchJob, store: Store) -> Validators:
    """Those of the cached version, or none if its bytes are lost: a host that has no other version
    would not send them."""
    cached = job.cached_picture
    if cached is None or await store.picture_bytes.get_size(cached.sha256) != cached.size:
        return NO_VALIDATORS
    return job.validators


async def _run_all(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Run all of them side by side to their end; only then raise what one of them raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in tasks:
            task.cancel()  # so that none goes on when this is cancelled
    return [task.result() for task in tasks]
