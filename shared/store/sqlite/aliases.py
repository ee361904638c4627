"""Claims of aliases in SQLite.

One transaction makes all of a claim, so nobody ever sees half of it.
"""

import sqlite3
from collections.abc import Collection, Mapping

from shared.store.ports.articles import AliasClaim
from shared.store.sqlite.encoding import to_json_array
from shared.store.sqlite.pending_tasks import read_stored


def read_owners(connection: sqlite3.Connection, aliases: Collection[str]) -> dict[str, str]:
    """The article id of each alias that is known."""
    query = "SELECT alias, article FROM aliases JOIN json_each(?) ON alias = value"
    return dict(connection.execute(query, (to_json_array(aliases),)).fetchall())


def claim_aliases(connection: sqlite3.Connection, claim: AliasClaim) -> str:
    """Make the aliases of the claim name one article; returns that article's id."""
    owners = read_owners(connection, claim.aliases)
    stored = set(read_stored(connection, owners.values()))
    winner = _select_winner(claim, owners, stored)
    free = [alias for alias in claim.aliases if owners.get(alias) not in stored]
    statement = "INSERT OR REPLACE INTO aliases VALUES (?, ?)"
    connection.executemany(statement, [(alias, winner) for alias in free])
    return winner


def _select_winner(claim: AliasClaim, owners: Mapping[str, str], stored: Collection[str]) -> str:
    """The stored article that owns the first such alias; else the smallest id among the claims."""
    stored_owners = [owners[alias] for alias in claim.aliases if owners.get(alias) in stored]
    if stored_owners:
        return stored_owners[0]
    return min(owners.values(), default=claim.article_id)
