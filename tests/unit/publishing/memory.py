"""What publishing needs of the store, in memory: every call may pause, so that others come between, or die."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from shared.store import Link, StoredArticle, pair

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Died(Exception):
    """The process was killed."""


def article(name, quality=None, minutes=0, title=None, more="", version=1, **fields):
    score = "" if quality is None else f"quality: {quality}\n"
    at = (NOW - timedelta(hours=2) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    seed = (
        f'---\ntitle: "{title or f"Title of {name}"}"\npublishedDateTime: {at}\n'
        f'webUrl: "https://paper.example/{name}"\n{score}{more}secured: "c2VjcmV0;aXY="\n---\n'
    )
    fields = {"pending": frozenset({"decision"}), "touches": 1} | fields
    return StoredArticle(name, seed.encode(), version, (), NOW, NOW, **fields)


class MemoryStore:
    """*chance* is the source of interleavings (none: no pauses); *deaths* is the chance that a call kills its caller,
    before or after it is done."""

    def __init__(self, chance: random.Random | None = None, deaths: float = 0) -> None:
        self.chance, self.deaths = chance, deaths
        self.kept, self.linked, self.known, self.decided = {}, {}, {}, {}
        self.described, self.read = {}, {}
        self.publications, self.announced_up_to = {}, {}
        self.articles = SimpleNamespace(
            get=self._call(self._articles),
            enriched=self._call(self._enriched),
            waiting=self._call(self._waiting),
        )
        self.relations = SimpleNamespace(links=self._call(self._links))
        self.stories = SimpleNamespace(
            of=self._call(lambda ids: {}), get=self._call(lambda ids: {})
        )
        self.pictures = SimpleNamespace(get=self._call(lambda urls: self._of(self.known, urls)))
        self.contents = SimpleNamespace(
            get=self._call(lambda hashes: self._of(self.described, hashes))
        )
        self.pages = SimpleNamespace(get=self._call(lambda urls: self._of(self.read, urls)))
        self.decisions = SimpleNamespace(
            get=self._call(lambda ids: self._of(self.decided, ids)),
            save=self._call(lambda verdicts: [self._save(verdict) for verdict in verdicts]),
            settled=self._call(self._settled),
            due=self._call(self._due),
            announced=self._call(self._announced),
            page=self._call(self._page),
        )

    def add(self, *articles):
        self.kept |= {stored.id: stored for stored in articles}

    def link(self, one, two, score=0.5):
        self.linked[pair(one, two)] = Link(*pair(one, two), score)

    def touch(self, *ids):
        self._enriched("related", {}, ids)

    def _call(self, function):
        async def call(*args, **kwargs):
            await self._pause()
            result = function(*args, **kwargs)
            await self._pause()
            return result

        return call

    async def _pause(self):
        if self.chance is None:
            return
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if self.chance.random() < self.deaths:
            raise Died

    @staticmethod
    def _of(part, ids):
        return {key: part[key] for key in ids if key in part}

    def _articles(self, ids):
        return self._of(self.kept, ids)

    def _enriched(self, stage, done, touched):
        for name in touched:
            old = self.kept[name]
            self.kept[name] = replace(
                old, pending=old.pending | {"decision"}, touches=old.touches + 1
            )

    def _waiting(self, task, changed_before, limit=500, unless=()):
        found = [stored for stored in self.kept.values() if task in stored.pending]
        return [stored for stored in found if not stored.pending & {*unless}][:limit]

    def _links(self, ids):
        return {name: [link for ends, link in self.linked.items() if name in ends] for name in ids}

    def _save(self, verdict):
        decision = verdict.decision
        old = self.decided.get(decision.article_id)
        if decision.stamp != (old.stamp if old else 0) + 1:
            return False
        self.decided[decision.article_id] = decision
        if verdict.publication:
            self.publications.setdefault(decision.article_id, []).append(verdict.publication)
        self._settled({decision.article_id: verdict.touches})
        return True

    def _settled(self, touches):
        for name, count in touches.items():
            if self.kept[name].touches == count:
                self.kept[name] = replace(
                    self.kept[name], pending=self.kept[name].pending - {"decision"}
                )

    def _due(self, ids=None, limit=500):
        names = sorted(self.publications if ids is None else set(ids) & self.publications.keys())
        due = [
            p
            for name in names
            for p in self.publications[name]
            if p.revision > self.announced_up_to.get(name, 0)
        ]
        return due[:limit]

    def _announced(self, revisions):
        for name, revision in revisions.items():
            self.announced_up_to[name] = max(revision, self.announced_up_to.get(name, 0))

    def _page(self, after="", limit=500):
        return [self.decided[name] for name in sorted(self.decided) if name > after][:limit]
