"""Writers, and the engine, are killed half-way: everything that was acknowledged is there."""

from pathlib import Path

import pytest

from shared.store import Store, connect
from tests.contract.store.test_races import release, start_writer
from tests.engines.fetch import fetch_jars, find_missing_tools
from tests.engines.mongo import MongoStandIn


def kill_after(url: str, number: int, lines: int) -> list[str]:
    """The names of the articles that a writer had acknowledged when it was killed."""
    writer = start_writer("fill", url, number)
    release(writer)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(lines)]
    writer.kill()
    return acknowledged + writer.communicate()[0].split()


async def assert_all_there(store: Store, names: list[str]) -> None:
    """Each with its article, its alias and its decision, and both in their outboxes."""
    expected = set(names)
    assert (await store.articles.get(names)).keys() == expected
    owners = {f"{name}.example": name for name in names}
    assert await store.articles.resolve_aliases(owners) == owners
    assert (await store.decisions.get(names)).keys() == expected
    revisions = await store.decisions.find_unannounced(names)
    assert {revision.article_id for revision in revisions} == expected
    articles = await store.articles.find_unannounced(limit=None)
    assert {article.id for article in articles} >= expected
    await assert_history_tells_what_is_there(store)


async def assert_history_tells_what_is_there(store: Store) -> None:
    """An entry for each article and each decision, also of those that were not acknowledged."""
    articles = await store.articles.list_page()
    decisions = await store.decisions.get([article.id for article in articles])
    for article in articles:
        expected = ["decision", "version"] if article.id in decisions else ["version"]
        entries = await store.history.list_article(article.id)
        assert [entry.source for entry in entries] == expected


async def test_what_a_killed_writer_had_acknowledged_is_there(store: Store, url: str):
    names = []
    for number in range(3):
        names += kill_after(url, number, 20 + 7 * number)
    assert len(names) >= 60
    await assert_all_there(store, names)


@pytest.mark.real
async def test_what_the_stand_in_had_acknowledged_when_it_was_killed_is_there(tmp_path: Path):
    if (missing := find_missing_tools()) is not None:
        pytest.skip(f"no stand-in for MongoDB here: {missing}")
    with MongoStandIn(fetch_jars(), tmp_path, mode="sync") as mongo:
        url = f"{mongo.uri}/crash"
        writer = start_writer("fill", url, 0)
        release(writer)
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(30)]
        mongo.kill()
        acknowledged += writer.communicate(timeout=240)[0].split()
        mongo.start()
        store = connect(url)
        await store.open()
        await assert_all_there(store, acknowledged)
        await store.close()
