"""Fetch jobs: a key to fetch, with everyone who waits for it and what is known already. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.enrichment.images.fetch_outcome import NO_VALIDATORS, Validators
from shared.store import ParkedFetch, Picture, WebPage


@dataclass(frozen=True)
class FetchJob:
    """*article_ids* wait for *key*. *parked* is what is parked for it, whoever it is for, and
    *outcome* what the store has."""

    key: str
    article_ids: Collection[str]
    parked: Sequence[ParkedFetch]
    outcome: Picture | WebPage | None

    @property
    def cached_picture(self) -> Picture | None:
        if isinstance(self.outcome, Picture) and self.outcome.state == "cached":
            return self.outcome
        return None

    @property
    def validators(self) -> Validators:
        cached = self.cached_picture
        return Validators(cached.etag, cached.last_modified) if cached else NO_VALIDATORS

    @property
    def failures(self) -> int:
        return self.outcome.failures if isinstance(self.outcome, Picture) else 0

    @property
    def attempts(self) -> int:
        return min((fetch.attempts for fetch in self.parked), default=0)

    def is_due(self, at: datetime) -> bool:
        """Whether nothing is parked for it, or something is due."""
        return not self.parked or min(fetch.due for fetch in self.parked) <= at

    def park_until(self, due: datetime, attempts: int, reason: str) -> list[ParkedFetch]:
        """The work to park for everyone who waits."""
        waiting = sorted({*self.article_ids, *self._parked_ids})
        return [ParkedFetch(id_, self.key, due, attempts, reason) for id_ in waiting]

    def park_with_others(self) -> list[ParkedFetch]:
        """The work to park for those who are new to a key that is parked for others."""
        soonest = min(self.parked, key=lambda fetch: fetch.due)
        work: list[ParkedFetch] = []
        for article_id in self.article_ids:
            if article_id not in self._parked_ids:
                work.append(replace(soonest, article_id=article_id, claim=""))
        return work

    @property
    def _parked_ids(self) -> set[str]:
        return {fetch.article_id for fetch in self.parked}


def split_by_due(jobs: Iterable[FetchJob], at: datetime) -> tuple[list[FetchJob], list[FetchJob]]:
    """The jobs to do now, and those whose key is parked for later."""
    due: list[FetchJob] = []
    early: list[FetchJob] = []
    for job in jobs:
        if job.is_due(at):
            due.append(job)
        else:
            early.append(job)
    return due, early
