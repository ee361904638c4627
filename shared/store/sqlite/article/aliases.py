"""Claims of aliases in SQLite.

One transaction makes all claims of a call, so nobody ever sees half of one.
"""

import sqlite3
from collections.abc import Collection, Sequence

from shared.store.alias_claims import AliasOwner, grant_claims
from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim
from shared.store.sqlite.article.pending_tasks import read_stored
from shared.store.sqlite.engine.encoding import to_json_array


def read_owners(connection: sqlite3.Connection, aliases: Collection[str]) -> dict[str, str]:
    """The article id of each alias that is known."""
    query = "SELECT alias, article FROM aliases JOIN json_each(?) ON alias = value"
    return dict(connection.execute(query, (to_json_array(aliases),)).fetchall())


def claim_aliases(
    connection: sqlite3.Connection, claims: Sequence[AliasClaim]
) -> list[GrantedClaim]:
    """Grant these claims, one after the other; returns what each got."""
    aliases = {alias for claim in claims for alias in claim.aliases}
    article_ids = read_owners(connection, aliases)
    stored = set(read_stored(connection, set(article_ids.values())))
    owners = {
        alias: AliasOwner(article_id, article_id in stored)
        for alias, article_id in article_ids.items()
    }
    grants, moves = grant_claims(claims, owners)
    connection.executemany("INSERT OR REPLACE INTO aliases VALUES (?, ?)", [*moves.items()])
    return grants
