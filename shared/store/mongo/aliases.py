"""The alias ledger: `{_id: alias, article: id, holders: [{token, at}]}`. Uniqueness is that of `_id`.

An alias belongs to its article for good once that is stored; before, it is a claim, which may be moved by
compare-and-set. Before a new article is inserted its aliases are held, which nobody moves; if some of them belong to
another claim by then, they are let go again and the writer claims anew. So:

- of two claims over a shared alias, whichever holds it first keeps it, and the other sees that before it inserts;
- claims that nobody holds move to the smallest id among them, so concurrent claims end at the same one;
- a process that dies while it holds leaves aliases that nobody moves for a minute; then they are a claim like others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from pymongo import UpdateMany, UpdateOne

from shared.clock import now
from shared.errors import StoreAway
from shared.store.mongo.database import Database, Document
from shared.store.ports.articles import Claim

HOLD: Final = timedelta(
    minutes=1
)  # a hold lasts milliseconds; this long only that of a process that died
ROUNDS: Final = 30  # of claiming over the same aliases: each round somebody gets ahead


@dataclass(frozen=True)
class Owner:
    """Whose an alias is: *stored* if that article is there, *held* while its writer is about to insert it."""

    article: str
    stored: bool
    held: bool
    holders: list[Document]  # as they were read

    @property
    def firm(self) -> bool:
        return self.stored or self.held


class Aliases:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        found = await self._database.find_ids("aliases", aliases)
        return {one["_id"]: one["article"] for one in found}

    async def page(self, after: str, limit: int) -> list[tuple[str, str]]:
        found = await self._database.find(
            "aliases", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [(one["_id"], one["article"]) for one in found]

    async def claim(self, claims: Sequence[Claim]) -> list[str]:
        """The article of each claim. Raises StoreAway when others claim the same without end."""
        for _ in range(ROUNDS):
            owners = await self._owners(claims)
            winners, moves = _settle(claims, owners)
            if not moves:
                return winners
            await self._database.bulk("aliases", moves)
        raise StoreAway(f"aliases were claimed by others {ROUNDS} times in a row")

    async def hold(self, articles: Mapping[str, Collection[str]]) -> set[str]:
        """Hold the aliases of these articles, which are not stored yet; returns those that got all that is claimed."""
        token = uuid4().hex
        await self._mark(articles, {"$push": {"holders": {"token": token, "at": now()}}})
        owners = await self.resolve({alias for aliases in articles.values() for alias in aliases})
        lost = {
            article_id
            for article_id, aliases in articles.items()
            if any(owners.get(alias, article_id) != article_id for alias in aliases)
        }
        await self._mark(
            {article_id: articles[article_id] for article_id in lost},
            {"$pull": {"holders": {"token": token}}},
        )
        return articles.keys() - lost

    async def _mark(self, articles: Mapping[str, Collection[str]], change: Document) -> None:
        """Change those of their aliases that are theirs."""
        await self._database.bulk(
            "aliases",
            [
                UpdateMany({"_id": {"$in": [*aliases]}, "article": article_id}, change)
                for article_id, aliases in articles.items()
            ],
        )

    async def _owners(self, claims: Sequence[Claim]) -> dict[str, Owner]:
        """Who owns each alias of *claims* now; those that nobody owned are claimed first."""
        claimed = {alias: claim.article_id for claim in reversed(claims) for alias in claim.aliases}
        missing = claimed.keys() - (await self.resolve(claimed)).keys()
        await self._database.insert_missing(
            "aliases",
            [{"_id": alias, "article": claimed[alias], "holders": []} for alias in sorted(missing)],
        )
        return await self._known(claimed)

    async def _known(self, aliases: Collection[str]) -> dict[str, Owner]:
        found = await self._database.find_ids("aliases", aliases)
        stored = await self._stored({one["article"] for one in found})
        since = now() - HOLD
        return {
            one["_id"]: Owner(
                article=one["article"],
                stored=one["article"] in stored,
                held=any(holder["at"] > since for holder in one["holders"]),
                holders=one["holders"],
            )
            for one in found
        }

    async def _stored(self, ids: Collection[str]) -> set[str]:
        return {
            one["_id"] for one in await self._database.find_ids("articles", ids, projection=["_id"])
        }


def _settle(claims: Sequence[Claim], owners: dict[str, Owner]) -> tuple[list[str], list[UpdateOne]]:
    """The winner of each claim, and the moves that are needed for it; claim by claim, each seeing the earlier moves."""
    winners: list[str] = []
    moves: list[UpdateOne] = []
    for claim in claims:
        winner = _winner(claim, owners)
        for alias in _loose(claim.aliases, owners, winner):
            moves.append(_move(alias, owners[alias], winner))
            owners[alias] = winner
        winners.append(winner.article)
    return winners, moves


def _winner(claim: Claim, owners: Mapping[str, Owner]) -> Owner:
    """The owner of the first alias that a stored article owns; else of the first that is held; else the smallest id."""
    met = [owners[alias] for alias in claim.aliases]
    stored = (owner for owner in met if owner.stored)
    held = (owner for owner in met if owner.held)
    return next(stored, None) or next(held, None) or min(met, key=lambda owner: owner.article)


def _loose(aliases: Iterable[str], owners: Mapping[str, Owner], winner: Owner) -> list[str]:
    return [
        alias
        for alias in aliases
        if owners[alias].article != winner.article and not owners[alias].firm
    ]


def _move(alias: str, owner: Owner, winner: Owner) -> UpdateOne:
    """Only while it is still the same claim's, and nobody came to hold it since it was read."""
    return UpdateOne(
        {"_id": alias, "article": owner.article, "holders": owner.holders},
        {"$set": {"article": winner.article, "holders": []}},
    )
