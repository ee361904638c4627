"""Articles and their alias ledger in SQLite."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from shared.store.ports.articles import Claim, Save, Stage, StoredArticle, Taken, Task
from shared.store.sqlite.database import Database, from_micros, to_micros

NEW_VERSION: tuple[Task, ...] = ("announcement", "images", "related", "decision")

_COLUMNS = "id, seed, version, aliases, accepted_at, changed_at, positions, taken, touches, writes"


class SqliteArticles:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        return await self._database.read(lambda connection: _owners(connection, aliases))

    async def claim(self, claims: Sequence[Claim]) -> list[str]:
        if not claims:
            return []
        return await self._database.write(
            lambda connection: [_claim(connection, claim) for claim in claims]
        )

    async def save(self, saves: Sequence[Save]) -> list[bool]:
        if not saves:
            return []
        return await self._database.write(
            lambda connection: [_save(connection, save) for save in saves]
        )

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        query = f"SELECT {_COLUMNS} FROM articles WHERE id IN (SELECT value FROM json_each(?))"
        found = await self._database.read(
            lambda connection: _articles(connection, query, (json.dumps([*ids]),))
        )
        return {article.id: article for article in found}

    async def find(self, reference: str) -> StoredArticle | None:
        query = f"SELECT {_COLUMNS} FROM articles WHERE id IN (?1, (SELECT article FROM aliases WHERE alias = ?1))"
        found = await self._database.read(
            lambda connection: _articles(connection, query, (reference,))
        )
        return found[0] if found else None

    async def page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        query = f"SELECT {_COLUMNS} FROM articles WHERE id > ? ORDER BY id LIMIT ?"
        return await self._database.read(
            lambda connection: _articles(connection, query, (after, limit))
        )

    async def ledger(self, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        query = "SELECT alias, article FROM aliases WHERE alias > ? ORDER BY alias LIMIT ?"
        return await self._database.read(
            lambda connection: connection.execute(query, (after, limit)).fetchall()
        )

    async def enriched(
        self, stage: Stage, done: Mapping[str, int], touched: Collection[str]
    ) -> None:
        if done or touched:
            await self._database.write(
                lambda connection: _enriched(connection, stage, done, touched)
            )

    async def reopen(self, stage: Stage, ids: Collection[str]) -> None:
        if ids:
            await self._database.write(
                lambda connection: _wait_for(connection, sorted(_stored(connection, ids)), [stage])
            )

    async def announced(self, versions: Mapping[str, int]) -> None:
        if versions:
            await self._database.write(
                lambda connection: _done(connection, "announcement", versions)
            )

    async def waiting(
        self, task: Task, changed_before: datetime, limit: int = 500, unless: Collection[Task] = ()
    ) -> list[StoredArticle]:
        query = f"""SELECT {_COLUMNS} FROM pending AS one JOIN articles ON id = article
            WHERE task = ? AND since < ? AND NOT EXISTS (SELECT 1 FROM pending JOIN json_each(?) ON task = value
            WHERE article = one.article) ORDER BY since, article LIMIT ?"""
        values = (task, to_micros(changed_before), json.dumps([*unless]), limit)
        return await self._database.read(lambda connection: _articles(connection, query, values))

    async def pending(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        query = """SELECT article, version FROM json_each(?) CROSS JOIN pending ON article = value AND task = ?
            CROSS JOIN articles ON articles.id = article"""
        values = (json.dumps([*ids]), task)
        return dict(
            await self._database.read(
                lambda connection: connection.execute(query, values).fetchall()
            )
        )

    async def counts(self) -> dict[str, int]:
        return await self._database.read(_counts)


def _owners(connection: sqlite3.Connection, aliases: Collection[str]) -> dict[str, str]:
    query = "SELECT alias, article FROM aliases JOIN json_each(?) ON alias = value"
    return dict(connection.execute(query, (json.dumps([*aliases]),)).fetchall())


def _claim(connection: sqlite3.Connection, claim: Claim) -> str:
    """One transaction holds all of it, so a claim is never seen half made."""
    owners = _owners(connection, claim.aliases)
    stored = _stored(connection, set(owners.values()))
    winner = _winner(claim, owners, stored)
    free = [alias for alias in claim.aliases if owners.get(alias) not in stored]
    connection.executemany(
        "INSERT OR REPLACE INTO aliases VALUES (?, ?)", [(alias, winner) for alias in free]
    )
    return winner


def _winner(claim: Claim, owners: Mapping[str, str], stored: Collection[str]) -> str:
    kept = [owners[alias] for alias in claim.aliases if owners.get(alias) in stored]
    return kept[0] if kept else min(owners.values(), default=claim.article_id)


def _stored(connection: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    query = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))"
    return {article_id for (article_id,) in connection.execute(query, (json.dumps([*ids]),))}


def _save(connection: sqlite3.Connection, save: Save) -> bool:
    article = save.article
    if save.expected == 0 and not {article.id}.issuperset(
        _owners(connection, article.aliases).values()
    ):
        return False  # another claim took one of its aliases over
    content = (
        article.seed,
        article.version,
        json.dumps(article.aliases),
        to_micros(article.accepted_at),
        to_micros(article.changed_at),
        json.dumps(dict(article.positions)),
        json.dumps([asdict(taken) for taken in article.taken]),
    )
    if save.expected == 0:
        statement = f"INSERT OR IGNORE INTO articles ({_COLUMNS}) VALUES (?8, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 1)"
    else:
        statement = """UPDATE articles SET seed = ?1, version = ?2, aliases = ?3, accepted_at = ?4, changed_at = ?5,
            positions = ?6, taken = ?7, writes = writes + 1
            WHERE id = ?8 AND version = ?9 AND writes = coalesce(?10, writes)"""
    values = (
        (*content, article.id)
        if save.expected == 0
        else (*content, article.id, save.expected, save.writes)
    )
    won = connection.execute(statement, values).rowcount == 1
    if won and article.version != save.expected:
        _wait_for(connection, [article.id], NEW_VERSION)
        connection.execute("UPDATE articles SET touches = touches + 1 WHERE id = ?", (article.id,))
    return won


def _wait_for(connection: sqlite3.Connection, ids: Iterable[str], tasks: Sequence[Task]) -> None:
    now = to_micros(datetime.now(UTC))
    rows = [(article_id, task, now) for article_id in ids for task in tasks]
    connection.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", rows)


def _enriched(
    connection: sqlite3.Connection, stage: Stage, done: Mapping[str, int], touched: Collection[str]
) -> None:
    known = sorted(_stored(connection, touched))
    connection.executemany(
        "UPDATE articles SET touches = touches + 1 WHERE id = ?", [(one,) for one in known]
    )
    _wait_for(connection, known, ["decision"])
    _done(connection, stage, done)


def _done(connection: sqlite3.Connection, task: Task, versions: Mapping[str, int]) -> None:
    """The task is done for these versions; an article of another version waits on."""
    connection.executemany(
        """DELETE FROM pending WHERE task = ? AND article = ?
            AND EXISTS (SELECT 1 FROM articles WHERE id = article AND version = ?)""",
        [(task, article_id, version) for article_id, version in versions.items()],
    )


def _articles(
    connection: sqlite3.Connection, query: str, values: tuple[object, ...]
) -> list[StoredArticle]:
    rows = connection.execute(query, values).fetchall()
    pending: dict[str, set[Task]] = {}
    ids = json.dumps([row[0] for row in rows])
    for article_id, task in connection.execute(
        "SELECT article, task FROM pending JOIN json_each(?) ON article = value", (ids,)
    ):
        pending.setdefault(article_id, set()).add(task)
    return [_article(row, frozenset(pending.get(row[0], ()))) for row in rows]


def _article(
    row: tuple[str, bytes, int, str, int, int, str, str, int, int], pending: frozenset[Task]
) -> StoredArticle:
    (
        article_id,
        seed,
        version,
        aliases,
        accepted_at,
        changed_at,
        positions,
        taken,
        touches,
        writes,
    ) = row
    return StoredArticle(
        id=article_id,
        seed=seed,
        version=version,
        aliases=tuple(json.loads(aliases)),
        accepted_at=from_micros(accepted_at),
        changed_at=from_micros(changed_at),
        positions=json.loads(positions),
        taken=tuple(Taken(**one) for one in json.loads(taken)),
        pending=pending,
        touches=touches,
        writes=writes,
    )


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    waiting = dict(
        connection.execute("SELECT task, count(*) FROM pending GROUP BY task").fetchall()
    )
    return {"articles": articles, **dict.fromkeys(NEW_VERSION, 0), **waiting}
