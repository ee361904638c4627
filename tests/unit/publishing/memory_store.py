"""The parts of the store that publishing uses, in memory.

Every call may pause, so that calls of other workers come in between, and may kill its caller.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from shared.store import (
    Decision,
    DecisionMark,
    DecisionWrite,
    Link,
    Picture,
    Revision,
    Store,
    StoredArticle,
    Task,
    ordered_pair,
)
from shared.trace_context import begin_trace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

Value = TypeVar("Value")


class ProcessKilled(Exception):
    """Stands for SIGKILL."""


def make_article(
    name: str,
    quality: int | None = None,
    minutes: int = 0,
    title: str | None = None,
    more: str = "",
    version: int = 1,
    **fields: Any,
) -> StoredArticle:
    """An article that waits for a decision; *more* are further lines of its front matter."""
    published_at = NOW - timedelta(hours=2) + timedelta(minutes=minutes)
    lines = [
        "---",
        f'title: "{title or f"Title of {name}"}"',
        f"publishedDateTime: {published_at:%Y-%m-%dT%H:%M:%SZ}",
        f'webUrl: "https://paper.example/{name}"',
    ]
    if quality is not None:
        lines.append(f"quality: {quality}")
    seed = "\n".join([*lines, f'{more}secured: "c2VjcmV0;aXY="', "---", ""])
    waiting: dict[str, Any] = {"pending": frozenset({"decision"}), "touches": 1}
    trace = begin_trace(f"{name}.v{version}")
    given = waiting | {"trace": trace} | fields
    return StoredArticle(name, seed.encode(), version, (), NOW, NOW, **given)


class MemoryStore:
    """Without *chance* calls never pause.

    *kill_chance* is the probability that a call kills its caller, before or after it is done.
    """

    def __init__(self, chance: random.Random | None = None, kill_chance: float = 0) -> None:
        self.chance = chance
        self.kill_chance = kill_chance
        self.reads = 0  # contents of articles that were read
        self.stored_articles: dict[str, StoredArticle] = {}
        self.stored_links: dict[tuple[str, str], Link] = {}
        self.stored_pictures: dict[str, Picture] = {}
        self.stored_decisions: dict[str, Decision] = {}
        self.revisions: dict[str, list[Revision]] = {}  # by article, in their order
        self.announced_numbers: dict[str, int] = {}
        self.articles = self._build_part(
            get=self._get_articles,
            touch=lambda ids: self.touch(*ids),
            find_waiting=self._find_waiting,
            postpone=lambda task, until: None,
            get_pending_versions=self._get_pending_versions,
        )
        self.decisions = self._build_part(
            get=_select(self.stored_decisions),
            get_if_other=self._get_other_decisions,
            save=lambda writes: [self._save_decision(write) for write in writes],
            mark_unchanged=self._mark_unchanged,
            find_unannounced=self._find_unannounced,
            mark_announced=self.mark_announced,
            list_page=self._list_decisions,
        )
        self.links = self._build_part(get=self._get_links, list_around=self._list_links)
        self.pictures = self._build_part(get=_select(self.stored_pictures))
        self.stories = self._build_part(get=_select({}), get_story_ids=_select({}))
        self.contents = self._build_part(get=_select({}))
        self.failure_counts = self._build_part(list_page=lambda after, limit: [])
        self.web_pages = self._build_part(get=_select({}))

    @property
    def as_store(self) -> Store:
        """This store as the production code takes it, which calls these parts alone."""
        return cast(Store, self)

    def add(self, *articles: StoredArticle) -> None:
        for article in articles:
            self.stored_articles[article.id] = article

    def link(self, a: str, b: str, score: float = 0.5) -> None:
        self.stored_links[ordered_pair(a, b)] = Link(*ordered_pair(a, b), score)

    def touch(self, *ids: str) -> None:
        for name in ids:
            old = self.stored_articles[name]
            pending: frozenset[Task] = old.pending | {"decision"}
            self.stored_articles[name] = replace(old, pending=pending, touches=old.touches + 1)

    def mark_announced(self, numbers: Mapping[str, int]) -> None:
        for name, number in numbers.items():
            self.announced_numbers[name] = max(number, self.announced_numbers.get(name, 0))

    def find_naming(self, pairs: Iterable[tuple[str, str]]) -> set[str]:
        """Without a pause, for the changes that a test makes."""
        found: set[str] = set()
        for name, other in pairs:
            decision = self.stored_decisions.get(name)
            if decision and other in {entry["id"] for entry in decision.inputs["relatives"]}:
                found.add(name)
        return found

    def _build_part(self, **methods: Callable[..., Any]) -> SimpleNamespace:
        return SimpleNamespace(**{name: self._add_pauses(each) for name, each in methods.items()})

    def _add_pauses(self, method: Callable[..., Value]) -> Callable[..., Awaitable[Value]]:
        async def call(*arguments: Any, **keywords: Any) -> Value:
            await self._pause()
            result = method(*arguments, **keywords)
            await self._pause()
            return result

        return call

    async def _pause(self) -> None:
        if self.chance is None:
            return
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if self.chance.random() < self.kill_chance:
            raise ProcessKilled

    def _get_articles(self, ids: Iterable[str]) -> dict[str, StoredArticle]:
        articles = _select(self.stored_articles)(ids)
        self.reads += len(articles)
        return articles

    def _find_waiting(
        self,
        task: str,
        changed_before: datetime,
        limit: int | None = 500,
        unless: Collection[str] = (),
    ) -> list[StoredArticle]:
        waiting = []
        for article in self.stored_articles.values():
            if task in article.pending and not article.pending.intersection(unless):
                waiting.append(article)
        return waiting[:limit]

    def _get_pending_versions(self, task: str, ids: Iterable[str]) -> dict[str, int]:
        versions = {}
        for name, article in _select(self.stored_articles)(ids).items():
            if task in article.pending:
                versions[name] = article.version
        return versions

    def _get_links(self, ids: Iterable[str]) -> dict[str, list[Link]]:
        links: dict[str, list[Link]] = {name: [] for name in ids}
        for ends, link in self.stored_links.items():
            for name in ends:
                if name in links:
                    links[name].append(link)
        return links

    def _list_links(self, ids: Collection[str]) -> list[Link]:
        return [link for ends, link in self.stored_links.items() if not {*ids}.isdisjoint(ends)]

    def _get_other_decisions(self, known: Mapping[str, DecisionMark]) -> dict[str, Decision]:
        found = _select(self.stored_decisions)(known)
        return {name: each for name, each in found.items() if each.mark != known[name]}

    def _save_decision(self, write: DecisionWrite) -> bool:
        decision = write.decision
        old = self.stored_decisions.get(decision.article_id)
        if decision.stamp != (old.stamp if old else 0) + 1:
            return False
        self.stored_decisions[decision.article_id] = decision
        if write.revision:
            self.revisions.setdefault(decision.article_id, []).append(write.revision)
        self._mark_unchanged({decision.article_id: write.touches})
        return True

    def _mark_unchanged(self, touches: Mapping[str, int]) -> None:
        for name, count in touches.items():
            old = self.stored_articles[name]
            if old.touches == count:
                self.stored_articles[name] = replace(old, pending=old.pending - {"decision"})

    def _find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[Revision]:
        unannounced = []
        for name, revisions in sorted(self.revisions.items()):
            if ids is not None and name not in ids:
                continue
            for revision in revisions:
                is_old = saved_before is None or revision.at < saved_before
                if is_old and revision.number > self.announced_numbers.get(name, 0):
                    unannounced.append(revision)
        return unannounced[:limit]

    def _list_decisions(self, after: str = "", limit: int = 500) -> Sequence[Decision]:
        names = sorted(name for name in self.stored_decisions if name > after)
        return [self.stored_decisions[name] for name in names[:limit]]


def _select(entries: Mapping[str, Value]) -> Callable[[Iterable[str]], dict[str, Value]]:
    return lambda keys: {key: entries[key] for key in keys if key in entries}
