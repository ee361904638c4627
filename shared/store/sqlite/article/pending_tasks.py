"""What articles wait for, in SQLite: a row for each article and task."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from shared.store.ports.article.articles import TASKS, Task
from shared.store.sqlite.engine.encoding import to_json_array, to_micros


def read_stored(connection: sqlite3.Connection, ids: Collection[str]) -> list[str]:
    """Those of these articles that are stored, in order."""
    query = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    rows = connection.execute(query, (to_json_array(ids),))
    return [article_id for (article_id,) in rows]


def read_pending(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, set[Task]]:
    """The tasks that each of these articles waits for."""
    pending: dict[str, set[Task]] = {}
    query = "SELECT article, task FROM pending JOIN json_each(?) ON article = value"
    for article_id, task in connection.execute(query, (to_json_array(ids),)):
        pending.setdefault(article_id, set()).add(task)
    return pending


def count_pending(connection: sqlite3.Connection) -> dict[str, int]:
    """How many articles wait for each task."""
    rows = connection.execute("SELECT task, count(*) FROM pending GROUP BY task").fetchall()
    return {**dict.fromkeys(TASKS, 0), **dict(rows)}


def wait_for(connection: sqlite3.Connection, ids: Iterable[str], tasks: Sequence[Task]) -> None:
    """Make these articles wait for *tasks*, from now on."""
    now = to_micros(datetime.now(UTC))
    rows = [(article_id, task, now) for article_id in ids for task in tasks]
    connection.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", rows)


def postpone(connection: sqlite3.Connection, task: Task, until: Mapping[str, datetime]) -> None:
    """Make those of these articles that wait for *task* wait for it since a time to come."""
    statement = "UPDATE pending SET since = ? WHERE article = ? AND task = ?"
    rows = [(to_micros(time), article_id, task) for article_id, time in until.items()]
    connection.executemany(statement, rows)


def touch(connection: sqlite3.Connection, ids: Collection[str]) -> None:
    """Count those of these articles that are stored as touched, and have them decided again."""
    stored = read_stored(connection, ids)
    statement = "UPDATE articles SET touches = touches + 1 WHERE id = ?"
    connection.executemany(statement, [(article_id,) for article_id in stored])
    wait_for(connection, stored, ["decision"])


def complete_task(connection: sqlite3.Connection, task: Task, versions: Mapping[str, int]) -> None:
    """The task is done for these versions; an article of another version goes on waiting."""
    statement = """DELETE FROM pending WHERE task = ? AND article = ?
        AND EXISTS (SELECT 1 FROM articles WHERE id = article AND version = ?)"""
    rows = [(task, article_id, version) for article_id, version in versions.items()]
    connection.executemany(statement, rows)


def complete_decision(connection: sqlite3.Connection, touches: Mapping[str, int]) -> None:
    """These articles are decided; those that were touched again since go on waiting."""
    statement = """DELETE FROM pending WHERE task = 'decision' AND article = ?
        AND EXISTS (SELECT 1 FROM articles WHERE id = article AND touches = ?)"""
    connection.executemany(statement, [*touches.items()])
