"""The parts of the store that publishing uses, in memory.

Every call may pause, so that calls of other workers come in between, and may kill its caller.
"""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from shared.store import Link, StoredArticle, ordered_pair

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class ProcessKilled(Exception):
    """Stands for SIGKILL."""


def make_article(name, quality=None, minutes=0, title=None, more="", version=1, **fields):
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
    fields = {"pending": frozenset({"decision"}), "touches": 1} | fields
    return StoredArticle(name, seed.encode(), version, (), NOW, NOW, **fields)


class MemoryStore:
    """Without *chance* calls never pause.

    *kill_chance* is the probability that a call kills its caller, before or after it is done.
    """

    def __init__(self, chance: random.Random | None = None, kill_chance: float = 0) -> None:
        self.chance = chance
        self.kill_chance = kill_chance
        self.stored_articles = {}
        self.stored_links = {}
        self.stored_pictures = {}
        self.stored_decisions = {}
        self.revisions = {}  # by article, in their order
        self.announced_numbers = {}
        self.articles = self._build_part(
            get=self._select(self.stored_articles),
            touch=lambda ids: self.touch(*ids),
            find_waiting=self._find_waiting,
        )
        self.decisions = self._build_part(
            get=self._select(self.stored_decisions),
            save=lambda writes: [self._save_decision(write) for write in writes],
            mark_unchanged=self._mark_unchanged,
            find_unannounced=self._find_unannounced,
            mark_announced=self.mark_announced,
            list_page=self._list_decisions,
        )
        self.links = self._build_part(get=self._get_links)
        self.pictures = self._build_part(get=self._select(self.stored_pictures))
        self.stories = self._build_part(get=self._select({}), get_story_ids=self._select({}))
        self.contents = self._build_part(get=self._select({}))
        self.web_pages = self._build_part(get=self._select({}))

    def add(self, *articles):
        for article in articles:
            self.stored_articles[article.id] = article

    def link(self, a, b, score=0.5):
        self.stored_links[ordered_pair(a, b)] = Link(*ordered_pair(a, b), score)

    def touch(self, *ids):
        for name in ids:
            old = self.stored_articles[name]
            pending = old.pending | {"decision"}
            self.stored_articles[name] = replace(old, pending=pending, touches=old.touches + 1)

    def mark_announced(self, numbers):
        for name, number in numbers.items():
            self.announced_numbers[name] = max(number, self.announced_numbers.get(name, 0))

    def _build_part(self, **methods):
        return SimpleNamespace(**{name: self._add_pauses(each) for name, each in methods.items()})

    def _add_pauses(self, method):
        async def call(*arguments, **keywords):
            await self._pause()
            result = method(*arguments, **keywords)
            await self._pause()
            return result

        return call

    async def _pause(self):
        if self.chance is None:
            return
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if self.chance.random() < self.kill_chance:
            raise ProcessKilled

    @staticmethod
    def _select(entries):
        return lambda keys: {key: entries[key] for key in keys if key in entries}

    def _find_waiting(self, task, changed_before, limit=500, unless=()):
        waiting = []
        for article in self.stored_articles.values():
            if task in article.pending and not article.pending.intersection(unless):
                waiting.append(article)
        return waiting[:limit]

    def _get_links(self, ids):
        links = {name: [] for name in ids}
        for ends, link in self.stored_links.items():
            for name in ends:
                if name in links:
                    links[name].append(link)
        return links

    def _save_decision(self, write):
        decision = write.decision
        old = self.stored_decisions.get(decision.article_id)
        if decision.stamp != (old.stamp if old else 0) + 1:
            return False
        self.stored_decisions[decision.article_id] = decision
        if write.revision:
            self.revisions.setdefault(decision.article_id, []).append(write.revision)
        self._mark_unchanged({decision.article_id: write.touches})
        return True

    def _mark_unchanged(self, touches):
        for name, count in touches.items():
            old = self.stored_articles[name]
            if old.touches == count:
                self.stored_articles[name] = replace(old, pending=old.pending - {"decision"})

    def _find_unannounced(self, ids=None, *, saved_before=None, limit=500):
        unannounced = []
        for name, revisions in sorted(self.revisions.items()):
            if ids is not None and name not in ids:
                continue
            for revision in revisions:
                is_old = saved_before is None or revision.at < saved_before
                if is_old and revision.number > self.announced_numbers.get(name, 0):
                    unannounced.append(revision)
        return unannounced[:limit]

    def _list_decisions(self, after="", limit=500):
        names = sorted(name for name in self.stored_decisions if name > after)
        return [self.stored_decisions[name] for name in names[:limit]]
