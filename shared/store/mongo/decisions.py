"""Decisions in MongoDB: one document for each article, with its revisions in the outbox inside.

So saving a decision is one atomic write. The article stops waiting for it in a second one: if the
process dies between the two, the article goes on waiting and is reviewed again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from shared.store.mongo.database import Database, Document
from shared.store.mongo.outbox import MongoOutbox
from shared.store.mongo.pending_tasks import complete_decision
from shared.store.ports.decisions import Decision, DecisionWrite, Revision


class MongoDecisions(MongoOutbox[Revision]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, "decisions", "revision", Revision)

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        return await self._database.load_by_id(self._decision, "decisions", ids)

    async def save(self, writes: Sequence[DecisionWrite]) -> list[bool]:
        saved = await asyncio.gather(*map(self._save, writes))
        touches: dict[str, int] = {}
        for write, is_saved in zip(writes, saved, strict=True):
            if is_saved:
                touches[write.decision.article_id] = write.touches
        await self.mark_unchanged(touches)
        return list(saved)

    async def mark_unchanged(self, touches: Mapping[str, int]) -> None:
        await self._database.bulk_write("articles", complete_decision(touches))

    async def list_page(self, after: str = "", limit: int = 500) -> list[Decision]:
        return await self._database.load_page(self._decision, "decisions", after, limit)

    async def counts(self) -> dict[str, int]:
        due = await self.count_unannounced()
        return {
            "published": await self._database.count("decisions", {"published": True}),
            "decided": await self._database.estimate_count("decisions"),
            "due": due,
        }

    async def _save(self, write: DecisionWrite) -> bool:
        if write.decision.stamp == 1:
            return await self._insert(write)
        decision = write.decision
        query = {"_id": decision.article_id, "stamp": decision.stamp - 1}
        return await self._update(query, _content(decision), _optional_state(write.revision))

    async def _insert(self, write: DecisionWrite) -> bool:
        outbox = self._fill_new(_optional_state(write.revision))
        document = {"_id": write.decision.article_id, **_content(write.decision), **outbox}
        try:
            await self._database.do(self._database["decisions"].insert_one(document))
        except DuplicateKeyError:
            return False
        return True

    def _decision(self, document: Mapping[str, Any]) -> Decision:
        article_id, latest = document["_id"], document["latest"]
        return Decision(
            article_id=article_id,
            stamp=document["stamp"],
            version=document["version"],
            revision=document["revision"],
            published=document["published"],
            heat=document["heat"],
            lead=document["lead"],
            reason=document["reason"],
            rules=document["rules"],
            inputs=document["inputs"],
            decided_at=document["decidedAt"],
            shown=document["shown"],
            latest=self._build_state(article_id, latest) if latest else None,
        )


def _content(decision: Decision) -> Document:
    return {
        "stamp": decision.stamp,
        "version": decision.version,
        "revision": decision.revision,
        "published": decision.published,
        "heat": decision.heat,
        "lead": decision.lead,
        "reason": decision.reason,
        "rules": dict(decision.rules),
        "inputs": dict(decision.inputs),
        "decidedAt": decision.decided_at,
        "shown": decision.shown,
        "latest": _optional_state(decision.latest),
    }


def _optional_state(revision: Revision | None) -> Document | None:
    if revision is None:
        return None
    return {
        "revision": revision.number,
        "kind": revision.kind,
        "at": revision.at,
        "data": revision.data,
    }
