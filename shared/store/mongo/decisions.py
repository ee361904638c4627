"""Decisions in MongoDB: one document for each article, with its publications that are due inside.

So a verdict is one atomic write. The article stops waiting in a second one: if the process dies between, it waits on,
and is looked at again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.store.mongo.database import Database, Document
from shared.store.ports.decisions import Decision, Publication, Verdict


class MongoDecisions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        return {
            one["_id"]: _decision(one) for one in await self._database.find_ids("decisions", ids)
        }

    async def save(self, verdicts: Sequence[Verdict]) -> list[bool]:
        saved = await asyncio.gather(*(self._save(verdict) for verdict in verdicts))
        won = [verdict for verdict, is_saved in zip(verdicts, saved, strict=True) if is_saved]
        await self.settled({verdict.decision.article_id: verdict.touches for verdict in won})
        return list(saved)

    async def settled(self, touches: Mapping[str, int]) -> None:
        await self._database.bulk(
            "articles",
            [
                UpdateOne(
                    {"_id": article_id, "touches": number}, {"$unset": {"pending.decision": ""}}
                )
                for article_id, number in touches.items()
            ],
        )

    async def due(self, ids: Collection[str] | None = None, limit: int = 500) -> list[Publication]:
        query: Document = {"due.revision": {"$gt": 0}}
        if ids is not None:
            query["_id"] = {"$in": [*ids]}
        found = await self._database.find(
            "decisions", query, sort=[("_id", 1)], limit=limit, projection=["due"]
        )
        items = [_publication(one["_id"], item) for one in found for item in one["due"]]
        return sorted(items, key=lambda item: (item.article_id, item.revision))[:limit]

    async def announced(self, revisions: Mapping[str, int]) -> None:
        await self._database.bulk(
            "decisions",
            [
                UpdateOne({"_id": article_id}, {"$pull": {"due": {"revision": {"$lte": revision}}}})
                for article_id, revision in revisions.items()
            ],
        )

    async def page(self, after: str = "", limit: int = 500) -> list[Decision]:
        found = await self._database.find(
            "decisions", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_decision(one) for one in found]

    async def counts(self) -> dict[str, int]:
        decisions = self._database["decisions"]
        due = await self._database.find(
            "decisions", {"due.revision": {"$gt": 0}}, projection=["due.revision"]
        )
        return {
            "published": await self._database.do(decisions.count_documents({"published": True})),
            "decided": await self._database.do(decisions.count_documents({})),
            "due": sum(len(one["due"]) for one in due),
        }

    async def _save(self, verdict: Verdict) -> bool:
        decision = verdict.decision
        item = [_item(verdict.publication)] if verdict.publication else []
        decisions = self._database["decisions"]
        if decision.stamp == 1:
            try:
                await self._database.do(
                    decisions.insert_one(
                        {"_id": decision.article_id, **_content(decision), "due": item}
                    )
                )
            except DuplicateKeyError:
                return False
            return True
        change: Document = {"$set": _content(decision)}
        if item:
            change["$push"] = {"due": item[0]}
        query = {"_id": decision.article_id, "stamp": decision.stamp - 1}
        return bool(
            (await self._database.do(decisions.update_one(query, change))).matched_count == 1
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
        "latest": _item(decision.latest) if decision.latest else None,
    }


def _decision(one: Mapping[str, Any]) -> Decision:
    return Decision(
        article_id=one["_id"],
        stamp=one["stamp"],
        version=one["version"],
        revision=one["revision"],
        published=one["published"],
        heat=one["heat"],
        lead=one["lead"],
        reason=one["reason"],
        rules=one["rules"],
        inputs=one["inputs"],
        decided_at=one["decidedAt"],
        shown=one["shown"],
        latest=_publication(one["_id"], one["latest"]) if one["latest"] else None,
    )


def _item(item: Publication) -> Document:
    return {"revision": item.revision, "kind": item.kind, "at": item.at, "data": item.data}


def _publication(article_id: str, item: Mapping[str, Any]) -> Publication:
    return Publication(article_id, item["revision"], item["kind"], item["at"], bytes(item["data"]))
