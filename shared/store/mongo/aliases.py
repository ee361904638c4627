"""Aliases in MongoDB: `{_id: alias, article: id, holders: [{token, at}]}`, unique by `_id`.

An alias belongs to its article for good once the article is stored. Before, it is a claim, which
others may move by compare-and-set. Before a writer inserts a new article it *holds* the article's
aliases, and nobody moves what is held. If some of them belong to another claim by then, the writer
releases them again and claims anew. So:

- of two claims over a shared alias, the first to hold it keeps it, and the other sees that before
  it inserts;
- claims that nobody holds move to the smallest id among them, so concurrent claims agree;
- a process that dies while it holds leaves aliases that nobody moves for a minute; then they are
  ordinary claims.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pymongo import UpdateMany, UpdateOne

from shared.clock import now
from shared.store.mongo.database import Database, Document
from shared.store.ports.articles import AliasClaim, OwnedAlias
from shared.store.rounds import repeat_until_stable

# A hold lasts milliseconds; only that of a process that died lasts this long.
HOLD: Final = timedelta(minutes=1)
# Of claiming the same aliases: in each round some claim succeeds.
ROUNDS: Final = 30


@dataclass(frozen=True)
class Owner:
    """The article that an alias names: *stored*, or *held* by a writer about to insert it."""

    article_id: str
    stored: bool
    held: bool
    holders: list[Document]  # as they were read

    @property
    def is_firm(self) -> bool:
        return self.stored or self.held


class Aliases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        documents = await self._database.find_ids("aliases", aliases)
        return {document["_id"]: document["article"] for document in documents}

    async def list_page(self, after: str, limit: int) -> list[OwnedAlias]:
        return await self._database.load_page(_owned_alias, "aliases", after, limit)

    async def claim(self, claims: Sequence[AliasClaim]) -> list[str]:
        """Claim these aliases; returns the article of each claim.

        Raises StoreUnavailable when others claim the same aliases without end.
        """
        winners: list[str] = []

        async def claim_once(remaining: Sequence[AliasClaim]) -> Sequence[AliasClaim]:
            owners = await self._claim_free(remaining)
            planned, moves = _plan_moves(remaining, owners)
            winners[:] = planned
            await self._database.bulk_write("aliases", moves)
            return remaining if moves else ()

        await repeat_until_stable(claim_once, claims, "alias claims", ROUNDS)
        return winners

    async def hold(self, aliases_by_article: Mapping[str, Collection[str]]) -> set[str]:
        """Hold the aliases of new articles; returns the articles that got all of theirs."""
        token = uuid4().hex
        hold = {"$push": {"holders": {"token": token, "at": now()}}}
        await self._update_owned(aliases_by_article, hold)
        owners = await self.resolve(set().union(*aliases_by_article.values()))
        lost = {
            article_id: aliases
            for article_id, aliases in aliases_by_article.items()
            if not {article_id}.issuperset(_owners_of(aliases, owners))
        }
        await self._update_owned(lost, {"$pull": {"holders": {"token": token}}})
        return aliases_by_article.keys() - lost.keys()

    async def _update_owned(
        self, aliases_by_article: Mapping[str, Collection[str]], change: Document
    ) -> None:
        """Change those aliases of each article that are its own."""
        requests = [
            UpdateMany({"_id": {"$in": [*aliases]}, "article": article_id}, change)
            for article_id, aliases in aliases_by_article.items()
        ]
        await self._database.bulk_write("aliases", requests)

    async def _claim_free(self, claims: Sequence[AliasClaim]) -> dict[str, Owner]:
        """Claim the aliases that nobody owns, for the first claim of each; returns all owners."""
        claimants: dict[str, str] = {}
        for claim in reversed(claims):
            claimants |= dict.fromkeys(claim.aliases, claim.article_id)
        known = await self.resolve(claimants)
        free = sorted(claimants.keys() - known.keys())
        documents = [{"_id": alias, "article": claimants[alias], "holders": []} for alias in free]
        await self._database.insert_missing("aliases", documents)
        return await self._find_owners(claimants)

    async def _find_owners(self, aliases: Collection[str]) -> dict[str, Owner]:
        documents = await self._database.find_ids("aliases", aliases)
        stored = await self._find_stored({document["article"] for document in documents})
        held_since = now() - HOLD
        return {
            document["_id"]: _owner(document, document["article"] in stored, held_since)
            for document in documents
        }

    async def _find_stored(self, ids: Collection[str]) -> set[str]:
        documents = await self._database.find_ids("articles", ids, projection=["_id"])
        return {document["_id"] for document in documents}


def _owned_alias(document: Mapping[str, Any]) -> OwnedAlias:
    return OwnedAlias(document["_id"], document["article"])


def _owner(document: Mapping[str, Any], stored: bool, held_since: datetime) -> Owner:
    holders = document["holders"]
    held = any(holder["at"] > held_since for holder in holders)
    return Owner(document["article"], stored, held, holders)


def _owners_of(aliases: Iterable[str], owners: Mapping[str, str]) -> list[str]:
    return [owners[alias] for alias in aliases if alias in owners]


def _plan_moves(
    claims: Sequence[AliasClaim], owners: dict[str, Owner]
) -> tuple[list[str], list[UpdateOne]]:
    """The winner of each claim, which sees the moves of those before it, and the moves needed."""
    winners: list[str] = []
    moves: list[UpdateOne] = []
    for claim in claims:
        winner = _select_winner(claim, owners)
        for alias in claim.aliases:
            owner = owners[alias]
            if owner.article_id != winner.article_id and not owner.is_firm:
                moves.append(_move(alias, owner, winner))
                owners[alias] = winner
        winners.append(winner.article_id)
    return winners, moves


def _select_winner(claim: AliasClaim, owners: Mapping[str, Owner]) -> Owner:
    """The first stored owner, in the order of the aliases; else the first that holds its alias.

    Without either it is the owner with the smallest id.
    """
    claimed = [owners[alias] for alias in claim.aliases]
    first_stored = next((owner for owner in claimed if owner.stored), None)
    first_held = next((owner for owner in claimed if owner.held), None)
    return first_stored or first_held or min(claimed, key=lambda owner: owner.article_id)


def _move(alias: str, owner: Owner, winner: Owner) -> UpdateOne:
    """Move the alias only while the same claim owns it, and nobody began to hold it since."""
    return UpdateOne(
        {"_id": alias, "article": owner.article_id, "holders": owner.holders},
        {"$set": {"article": winner.article_id, "holders": []}},
    )
