"""Inserting new articles in MongoDB, of which two may never have one alias.

MongoDB compares and sets one document, but an article and its aliases are several. So a writer
first *reserves* the article: a document with the article's id, its token, and nothing else, which
no reader takes for an article. Then it holds the aliases and sees that all of them are the
article's. Then it fills the document, provided that its token is still there.

Whoever takes an alias from an article of which the hold has expired cancels the reservation before
that. However late the write that fills the document arrives, after a pause of its process or on its
way through the network, it then finds no reservation and does nothing.

A reservation that a dead process left does no harm: the drop is delivered again, and the document
is filled by another writer.
"""

from collections.abc import Collection, Mapping
from uuid import uuid4

from pymongo import UpdateOne

from shared.store.mongo.article.aliases import Aliases
from shared.store.mongo.article.reservations import IS_RESERVATION, is_stored
from shared.store.mongo.engine.database import Database, Document


class NewArticles:
    def __init__(self, database: Database, aliases: Aliases) -> None:
        self._database = database
        self._aliases = aliases

    async def insert(
        self, contents: Mapping[str, Document], aliases: Mapping[str, Collection[str]]
    ) -> set[str]:
        """Insert the articles with these contents and aliases, by id; returns those inserted.

        An article is left out if it is stored already, or another article owns one of its aliases.
        """
        token = uuid4().hex
        reserved = await self._reserve(contents, token)
        hold = await self._aliases.hold({name: aliases[name] for name in reserved}, token)
        if not hold.article_ids or hold.seconds_left <= 0:
            return set()
        fill = [_fill(name, contents[name], token) for name in hold.article_ids]
        await self._database.bulk_write("articles", fill, seconds=hold.seconds_left)
        documents = await self._database.find_ids(
            "articles", hold.article_ids, projection=["insertedBy"]
        )
        return {document["_id"] for document in documents if document.get("insertedBy") == token}

    async def _reserve(self, ids: Collection[str], token: str) -> set[str]:
        """Those of the articles that are reserved now: the others are stored."""
        reservations = [{"_id": article_id, "reserved": [token]} for article_id in ids]
        reserved = await self._database.insert_missing("articles", reservations)
        others = [article_id for article_id in ids if article_id not in reserved]
        return reserved | await self._join_reservations(others, token)

    async def _join_reservations(self, ids: Collection[str], token: str) -> set[str]:
        """Those that another writer, perhaps a dead one, has reserved: the first of us fills it."""
        join = {"$push": {"reserved": token}}
        requests = [UpdateOne({"_id": article_id, **IS_RESERVATION}, join) for article_id in ids]
        await self._database.bulk_write("articles", requests)
        documents = await self._database.find_ids("articles", ids, projection=["version"])
        return {document["_id"] for document in documents if not is_stored(document)}


def _fill(article_id: str, content: Document, token: str) -> UpdateOne:
    change = {"$set": {**content, "insertedBy": token}, "$unset": {"reserved": ""}}
    return UpdateOne({"_id": article_id, "reserved": token}, change)
