"""The steps and the state of the schema in MongoDB.

Collections appear with their first document, and fields with the first write, so what a step adds
there are indexes. They are created before the step is recorded: a process that dies in between
finds them at its next start.
"""

from collections.abc import Iterable
from typing import Any, Final

from shared.clock import now
from shared.store.layout import STEPS
from shared.store.mongo.engine.database import Database
from shared.store.ports.operations.schema import SchemaState

_STORE: Final = "store"  # the document of the layout; each step has one of its own
_UNUSED_INDEXES: Final = (("parked", "due"), ("rejected", "redriven"))  # none since layout 3


class MongoSchema:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def record_steps(self) -> None:
        """Record the steps of this version, all of whose indexes are there."""
        at = now()
        documents = [
            {"_id": f"step-{number}", "number": number, "appliedAt": at} for number in STEPS
        ]
        await self._database.insert_missing("layout", documents)

    async def load_state(self) -> SchemaState:
        documents = await self._database.find("layout", {})
        layout = next(document for document in documents if document["_id"] == _STORE)
        return SchemaState(layout["version"], _list_numbers(documents))

    async def set_layout(self, layout: int) -> None:
        update = {"$set": {"version": layout}}
        await self._database.update_if("layout", {"_id": _STORE}, update)

    async def drop_unused(self) -> list[str]:
        return [
            f"{collection}.{name}"
            for collection, name in _UNUSED_INDEXES
            if await self._drop_index(collection, name)
        ]

    async def _drop_index(self, collection: str, name: str) -> bool:
        documents = self._database[collection]
        if name not in await self._database.do(documents.index_information()):
            return False
        await self._database.do(documents.drop_index(name))
        return True


def _list_numbers(documents: Iterable[dict[str, Any]]) -> list[int]:
    return sorted(document["number"] for document in documents if document["_id"] != _STORE)
