"""The outbox in MongoDB: a list `due` inside the document whose states it announces.

So saving a state and putting it into the outbox is one atomic write. `dueSince` is the time of the
oldest state that was put into an empty outbox; it is there while the outbox holds something.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from pymongo import UpdateMany, UpdateOne

from shared.errors import UnprocessableRecord
from shared.store.mongo.engine.batches import split_ids
from shared.store.mongo.engine.database import HISTORY, Database, Document
from shared.store.mongo.engine.error_classes import is_too_large
from shared.store.mongo.operations.history import build_entry, push_entry
from shared.store.ports.operations.history import HistoryEntry
from shared.store.ports.operations.outbox import MAX_UNANNOUNCED, OutboxFull
from shared.trace_context import decode_trace

State = TypeVar("State")

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOLDS_SOMETHING: Final = {"due.0": {"$exists": True}}
_IS_FULL: Final = {f"due.{MAX_UNANNOUNCED - 1}": {"$exists": True}}
_HAS_ROOM: Final = {f"due.{MAX_UNANNOUNCED - 1}": {"$exists": False}}


class MongoOutbox(Generic[State]):
    """Fills, finds and empties the lists `due` of one collection, for the part that inherits it."""

    def __init__(
        self,
        database: Database,
        collection: str,
        number_field: str,
        state_type: Callable[..., State],
    ) -> None:
        self._database = database
        self._collection = collection
        self._number_field = number_field
        self._state_type = state_type

    async def find_unannounced(
        self,
        ids: Collection[str] | None = None,
        *,
        saved_before: datetime | None = None,
        limit: int | None = 500,
    ) -> list[State]:
        documents = await self._find_documents(ids, saved_before, limit)
        states: list[State] = []
        for document in documents:
            states += self._select_states(document, saved_before)
        return states[:limit]

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        requests: list[UpdateOne | UpdateMany] = []
        for state_id, number in numbers.items():
            pull = {"$pull": {"due": {self._number_field: {"$lte": number}}}}
            requests.append(UpdateOne({"_id": state_id}, pull))
        for part in split_ids(numbers):
            empty = {"_id": {"$in": part}, "due": []}
            requests.append(UpdateMany(empty, {"$unset": {"dueSince": ""}}))
        await self._database.bulk_write(self._collection, requests, ordered=True)

    async def count_unannounced(self) -> int:
        """Counted by the server, for the states themselves may be large."""
        steps: list[Document] = [
            {"$match": {f"due.{self._number_field}": {"$gt": 0}}},
            {"$group": {"_id": None, "states": {"$sum": {"$size": "$due"}}}},
        ]
        groups = await self._database.aggregate(self._collection, steps)
        return int(groups[0]["states"]) if groups else 0

    async def _update(
        self, query: Document, fields: Document, state: Document | None, entry: HistoryEntry
    ) -> bool:
        """Compare-and-set *fields*, with *state* for the outbox and *entry* for the history.

        That is one atomic write.

        Raises OutboxFull if there is no room for the state, by number or by size.
        """
        if state is None:
            change: Document = {"$set": fields, "$push": push_entry(entry)}
            return await self._database.update_if(self._collection, query, change)
        change = {
            "$set": fields,
            "$push": {"due": state, **push_entry(entry)},
            "$min": {"dueSince": state["at"]},
        }
        try:
            if await self._database.update_if(self._collection, query | _HAS_ROOM, change):
                return True
        except UnprocessableRecord as error:
            if is_too_large(error.__cause__) and await self._exists(query | _HOLDS_SOMETHING):
                raise OutboxFull(query["_id"]) from error
            raise
        if await self._exists(query | _IS_FULL):
            raise OutboxFull(query["_id"])
        return False

    def _fill_new(self, state: Document | None, entry: HistoryEntry) -> Document:
        """The outbox and the history of a document that is inserted."""
        history = {HISTORY: [build_entry(entry)]}
        if state is None:
            return {"due": [], **history}
        return {"due": [state], "dueSince": state["at"], **history}

    async def _exists(self, query: Document) -> bool:
        found = await self._database.find(self._collection, query, projection=["_id"], limit=1)
        return bool(found)

    async def _find_documents(
        self, ids: Collection[str] | None, saved_before: datetime | None, limit: int | None
    ) -> Sequence[Document]:
        """Those that have waited longest come first."""
        since = {"$gte": _EARLIEST} if saved_before is None else {"$lt": saved_before}
        query = {"dueSince": since, **_HOLDS_SOMETHING}
        projection = ["due", "dueSince"]
        if ids is not None:
            found = await self._database.find_in(
                self._collection, "_id", ids, query, projection=projection
            )
            return sorted(found, key=lambda document: (document["dueSince"], document["_id"]))
        return await self._database.find(
            self._collection,
            query,
            sort=[("dueSince", 1), ("_id", 1)],
            limit=limit or 0,
            projection=projection,
        )

    def _select_states(self, document: Document, saved_before: datetime | None) -> list[State]:
        """In the order of their numbers, up to the last that was saved before that time.

        None is left out before it: by the clock of another process it may be younger, but
        announcing the later one first would take it out of the outbox too.
        """
        due = sorted(document["due"], key=lambda state: int(state[self._number_field]))
        while due and saved_before is not None and due[-1]["at"] >= saved_before:
            due.pop()
        return [self._build_state(document["_id"], state) for state in due]

    def _build_state(self, state_id: str, state: Mapping[str, Any]) -> State:
        number, data = state[self._number_field], bytes(state["data"])
        trace = decode_trace(state["trace"])
        return self._state_type(state_id, number, state["kind"], state["at"], data, trace)
