"""The outbox in MongoDB: a list `due` inside the document whose states it announces.

So saving a state and putting it into the outbox is one atomic write.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo import UpdateOne

from shared.store.mongo.database import Database, Document

State = TypeVar("State")


class MongoOutbox(Generic[State]):
    """Finds and removes what is in the lists `due` of one collection.

    The part of the store that inherits it fills the lists when it saves states.
    """

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
        query: Document = {f"due.{self._number_field}": {"$gt": 0}}
        if saved_before is not None:
            query["due.at"] = {"$lt": saved_before}
        if ids is not None:
            query["_id"] = {"$in": [*ids]}
        documents = await self._database.find(
            self._collection, query, sort=[("_id", 1)], limit=limit or 0, projection=["due"]
        )
        states: list[State] = []
        for document in documents:
            states += self._states(document, saved_before)
        return states[:limit]

    async def mark_announced(self, numbers: Mapping[str, int]) -> None:
        requests = [
            UpdateOne({"_id": state_id}, {"$pull": {"due": {self._number_field: {"$lte": number}}}})
            for state_id, number in numbers.items()
        ]
        await self._database.bulk_write(self._collection, requests)

    async def count_unannounced(self) -> int:
        field = f"due.{self._number_field}"
        documents = await self._database.find(
            self._collection, {field: {"$gt": 0}}, projection=[field]
        )
        return sum(len(document["due"]) for document in documents)

    def _states(self, document: Document, saved_before: datetime | None) -> list[State]:
        due = [
            state for state in document["due"] if saved_before is None or state["at"] < saved_before
        ]
        due.sort(key=lambda state: state[self._number_field])
        return [self._build_state(document["_id"], state) for state in due]

    def _build_state(self, state_id: str, state: Mapping[str, Any]) -> State:
        number, data = state[self._number_field], bytes(state["data"])
        return self._state_type(state_id, number, state["kind"], state["at"], data)
