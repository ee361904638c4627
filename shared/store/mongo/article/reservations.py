"""Reservations of articles in MongoDB: documents of `articles` that are none yet.

See `new_articles`, which makes them.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from shared.store.mongo.engine.batches import split_ids
from shared.store.mongo.engine.database import Database

IS_STORED: Final = {"version": {"$gt": 0}}
IS_RESERVATION: Final = {"version": {"$exists": False}}


def is_stored(document: Mapping[str, Any]) -> bool:
    """Whether the document, of which the version was read, is an article.

    Of documents that are looked up by their ids this is found out here: for a server without
    secondary indexes a second condition is a search through all of them.
    """
    return "version" in document


async def cancel_reservations(database: Database, ids: Collection[str]) -> None:
    """Let whoever reserved these articles fill them no more; articles that are stored stay."""
    for part in split_ids(ids):
        query = {"_id": {"$in": part}, **IS_RESERVATION}
        await database.do(database["articles"].delete_many(query))
