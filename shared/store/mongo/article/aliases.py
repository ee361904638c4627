"""Aliases in MongoDB: `{_id: alias, article: id, holders: [{token}], heldAt}`, unique by `_id`.

An alias belongs to its article for good once the article is stored. Before, it is a claim, which
others may move by compare-and-set. Before a writer inserts a new article it *holds* the article's
aliases, and nobody moves what is held. If some of them belong to another claim by then, the writer
releases them again and claims anew. So:

- of two claims over a shared alias, the first to hold it keeps it, and the other sees that before
  it inserts;
- aliases that nobody holds move to the smallest id among their owners, so concurrent claims agree;
- a process that dies while it holds leaves aliases that nobody moves until the hold expires; then
  they are ordinary claims, and whoever moves them first sees to it that the holder inserts nothing
  any more (`new_articles`).

A hold begins and expires by the clock of the server, which both writes `heldAt` and is asked how
old it is: the clocks of two workers may differ by more than a hold lasts.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pymongo import DeleteMany, ReturnDocument, UpdateMany, UpdateOne

from shared.store.alias_claims import AliasOwner, grant_claims
from shared.store.compare_and_set import repeat_until_stable
from shared.store.mongo.article.reservations import cancel_reservations, is_stored
from shared.store.mongo.engine.batches import split_ids
from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias

# Of claiming the same aliases: in each round some claim succeeds.
ROUNDS: Final = 30


@dataclass(frozen=True)
class HoldTimes:
    """How long a hold lasts, and how soon after asking for it the articles must be inserted.

    Holding and inserting takes milliseconds; only the hold of a process that died lasts its whole
    time.
    """

    expires_after: timedelta = timedelta(minutes=1)
    insert_within: timedelta = timedelta(seconds=20)


HOLD_TIMES: Final = HoldTimes()


@dataclass(frozen=True)
class Hold:
    """The aliases of new articles, held for the caller until *deadline* on its monotonic clock."""

    article_ids: frozenset[str]  # those that got all of their aliases
    deadline: float

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


class Aliases:
    def __init__(self, database: Database, hold_times: HoldTimes) -> None:
        self._database = database
        self._hold_times = hold_times

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        documents = await self._database.find_ids("aliases", aliases)
        return {document["_id"]: document["article"] for document in documents}

    async def list_page(self, after: str, limit: int) -> list[OwnedAlias]:
        return await self._database.load_page(_owned_alias, "aliases", after, limit)

    async def claim(self, claims: Sequence[AliasClaim]) -> list[GrantedClaim]:
        """Claim these aliases; returns what each claim got.

        Raises StoreUnavailable when others claim the same aliases without end.
        """
        grants: list[GrantedClaim] = []

        async def claim_once(remaining: Sequence[AliasClaim]) -> Sequence[AliasClaim]:
            documents = await self._find_claimed(remaining)
            owners = await self._find_owners(documents)
            grants[:], moves = grant_claims(remaining, owners)
            await self._take_free(moves, documents)
            await self._take_claimed(moves, documents)
            return remaining if moves else ()

        await repeat_until_stable(claim_once, claims, "alias claims", ROUNDS)
        return grants

    async def release(self, aliases_by_article: Mapping[str, Collection[str]]) -> None:
        """Delete those aliases of each article that are its own."""
        requests: list[DeleteMany] = []
        for article_id, aliases in aliases_by_article.items():
            for part in split_ids(aliases):
                requests.append(DeleteMany({"_id": {"$in": part}, "article": article_id}))
        await self._database.bulk_write("aliases", requests)

    async def hold(self, aliases_by_article: Mapping[str, Collection[str]], token: str) -> Hold:
        """Hold the aliases of new articles; the hold says which articles got all of theirs."""
        deadline = time.monotonic() + self._hold_times.insert_within.total_seconds()
        hold = {"$push": {"holders": {"token": token}}, "$currentDate": {"heldAt": True}}
        await self._update_owned(aliases_by_article, hold)
        lost = await self._find_lost(aliases_by_article)
        await self._update_owned(
            {article_id: aliases_by_article[article_id] for article_id in lost},
            {"$pull": {"holders": {"token": token}}},
        )
        return Hold(frozenset(aliases_by_article.keys() - lost), deadline)

    async def _find_lost(self, aliases_by_article: Mapping[str, Collection[str]]) -> set[str]:
        """Those of the articles of which another article owns an alias."""
        owners = await self.resolve(set().union(*aliases_by_article.values()))
        lost: set[str] = set()
        for article_id, aliases in aliases_by_article.items():
            found = {owners[alias] for alias in aliases if alias in owners}
            if not found <= {article_id}:
                lost.add(article_id)
        return lost

    async def _update_owned(
        self, aliases_by_article: Mapping[str, Collection[str]], change: Document
    ) -> None:
        """Change those aliases of each article that are its own."""
        requests: list[UpdateMany] = []
        for article_id, aliases in aliases_by_article.items():
            for part in split_ids(aliases):
                query = {"_id": {"$in": part}, "article": article_id}
                requests.append(UpdateMany(query, change))
        await self._database.bulk_write("aliases", requests)

    async def _find_claimed(self, claims: Sequence[AliasClaim]) -> dict[str, Document]:
        """The document of each alias of the claims that anybody owns."""
        aliases = {alias for claim in claims for alias in claim.aliases}
        claimed = await self._database.find_ids("aliases", aliases)
        return {document["_id"]: document for document in claimed}

    async def _take_free(self, moves: Mapping[str, str], documents: Mapping[str, Document]) -> None:
        """Take the aliases that nobody owns, each for the article that it was granted to.

        Not before the grants: taken for a claim that is then granted another article, an alias
        would name one that is never stored.
        """
        free = sorted(moves.keys() - documents.keys())
        taken = [{"_id": alias, "article": moves[alias], "holders": []} for alias in free]
        await self._database.insert_missing("aliases", taken)

    async def _take_claimed(
        self, moves: Mapping[str, str], documents: Mapping[str, Document]
    ) -> None:
        """Take aliases from claims of which nothing is stored."""
        owned = {alias: moves[alias] for alias in moves.keys() & documents.keys()}
        await self._cancel_holders(owned, documents)
        await self._database.bulk_write("aliases", _build_moves(owned, documents))

    async def _find_owners(self, documents: Mapping[str, Document]) -> dict[str, AliasOwner]:
        stored = await self._find_stored({document["article"] for document in documents.values()})
        held = await self._find_held(
            document
            for document in documents.values()
            if document["holders"] and document["article"] not in stored
        )
        owners: dict[str, AliasOwner] = {}
        for alias, document in documents.items():
            article_id = document["article"]
            owners[alias] = AliasOwner(article_id, article_id in stored or alias in held)
        return owners

    async def _find_stored(self, ids: Collection[str]) -> set[str]:
        documents = await self._database.find_ids("articles", ids, projection=["version"])
        return {document["_id"] for document in documents if is_stored(document)}

    async def _cancel_holders(
        self, aliases: Iterable[str], documents: Mapping[str, Document]
    ) -> None:
        """Before aliases are moved whose hold has expired: their holders may not be dead."""
        articles = {documents[alias]["article"] for alias in aliases if documents[alias]["holders"]}
        await cancel_reservations(self._database, articles)

    async def _find_held(self, documents: Iterable[Document]) -> set[str]:
        """Those of these aliases whose hold has not expired."""
        aliases = list(documents)
        are_held = await asyncio.gather(*map(self._is_held, aliases))
        return {alias["_id"] for alias, is_held in zip(aliases, are_held, strict=True) if is_held}

    async def _is_held(self, document: Document) -> bool:
        """Ask the server, which alone knows its time, how old the hold is."""
        query = {"_id": document["_id"], "article": document["article"]}
        ask = self._database["aliases"].find_one_and_update(
            query, {"$currentDate": {"askedAt": True}}, return_document=ReturnDocument.AFTER
        )
        answer = await self._database.do(ask)
        if answer is None or "heldAt" not in answer or not answer["holders"]:
            return False  # it was moved or released since
        return bool(answer["askedAt"] - answer["heldAt"] < self._hold_times.expires_after)


def _owned_alias(document: Mapping[str, Any]) -> OwnedAlias:
    return OwnedAlias(document["_id"], document["article"])


def _build_moves(
    moves: Mapping[str, str], documents: Mapping[str, Mapping[str, Any]]
) -> list[UpdateOne]:
    """Move each alias only while the same claim owns it, and nobody began to hold it since."""
    requests: list[UpdateOne] = []
    for alias, article_id in moves.items():
        owner = documents[alias]
        query = {"_id": alias, "article": owner["article"], "holders": owner["holders"]}
        change = {"$set": {"article": article_id, "holders": []}}
        requests.append(UpdateOne(query, change))
    return requests
