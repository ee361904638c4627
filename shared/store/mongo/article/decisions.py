"""Decisions in MongoDB: one document for each article, with its revisions in the outbox inside.

So saving a decision is one atomic write. The article stops waiting for it in a second one: if the
process dies between the two, the article goes on waiting and is reviewed again.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.store.history_entries import describe_decision
from shared.store.mongo.article.listing_fields import DECISION_FIELDS, list_decision
from shared.store.mongo.article.pending_tasks import complete_decision
from shared.store.mongo.engine.database import Database, Document
from shared.store.mongo.operations.outbox import MongoOutbox
from shared.store.ports.article.decisions import Decision, DecisionMark, DecisionWrite, Revision
from shared.trace_context import encode_trace

_NAMING_PER_QUERY: Final = 500


class MongoDecisions(MongoOutbox[Revision]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, "decisions", "revision", Revision)

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        return await self._database.load_by_id(self._decision, "decisions", ids)

    async def get_if_other(self, known: Mapping[str, DecisionMark]) -> dict[str, Decision]:
        """Read the marks first: most decisions are those that are known."""
        projection = ["stamp", "decidedAt"]
        documents = await self._database.find_ids("decisions", known, projection=projection)
        others: list[str] = []
        for document in documents:
            mark = DecisionMark(document["stamp"], document["decidedAt"])
            if mark != known[document["_id"]]:
                others.append(document["_id"])
        return await self.get(others) if others else {}

    async def find_naming(
        self, pairs: Collection[tuple[str, str]], published_only: bool = False
    ) -> set[tuple[str, str]]:
        named: dict[str, list[str]] = {}
        for article_id, other in pairs:
            named.setdefault(article_id, []).append(other)
        queries: list[Document] = []
        for article_id, others in named.items():
            queries.append({"_id": article_id, "inputs.relatives.id": {"$in": others}})
        found: set[tuple[str, str]] = set()
        for start in range(0, len(queries), _NAMING_PER_QUERY):
            query: Document = {"$or": queries[start : start + _NAMING_PER_QUERY]}
            if published_only:
                query["published"] = True
            fields = ["inputs.relatives.id"]
            for document in await self._database.find("decisions", query, projection=fields):
                for entry in document["inputs"]["relatives"]:
                    found.add((document["_id"], entry["id"]))
        return found.intersection(pairs)

    async def save(self, writes: Sequence[DecisionWrite]) -> list[bool]:
        saved = await asyncio.gather(*map(self._save, writes))
        requests: list[UpdateOne] = []
        for write, is_saved in zip(writes, saved, strict=True):
            if is_saved:
                decision = write.decision
                requests.append(list_decision(decision.article_id, _content(decision)))
                if write.touches > 0:  # no article is touched less often
                    requests += complete_decision({decision.article_id: write.touches})
        await self._database.bulk_write("articles", requests, ordered=True)
        return list(saved)

    async def mark_unchanged(self, touches: Mapping[str, int]) -> None:
        """Before the articles stop waiting, what a dead process left unlisted is listed."""
        requests = [*await self._list_late(touches), *complete_decision(touches)]
        await self._database.bulk_write("articles", requests, ordered=True)

    async def _list_late(self, ids: Collection[str]) -> list[UpdateOne]:
        """The writes that list those of these decisions which are not listed yet: hardly any."""
        found = await self._database.find_ids("articles", ids, projection=["decided.stamp"])
        listed: dict[str, int] = {}
        for document in found:
            if "decided" in document:
                listed[document["_id"]] = document["decided"]["stamp"]
        decisions = await self._database.find_ids("decisions", listed, projection=DECISION_FIELDS)
        late: list[UpdateOne] = []
        for decision in decisions:
            if decision["stamp"] > listed[decision["_id"]]:
                late.append(list_decision(decision["_id"], decision))
        return late

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
        state, entry = _optional_state(write.revision), describe_decision(write)
        return await self._update(query, _content(decision), state, entry)

    async def _insert(self, write: DecisionWrite) -> bool:
        outbox = self._fill_new(_optional_state(write.revision), describe_decision(write))
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
        "trace": encode_trace(revision.trace),
    }
