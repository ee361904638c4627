"""Writers, and the engine, are killed in the middle: what was acknowledged is there."""

from pathlib import Path

import pytest

from shared.store import Store, connect
from tests.contract.store.build import LONG_AFTER
from tests.contract.store.test_store_races import start
from tests.engines.fetch import available, fetch
from tests.engines.mongo import MongoStandIn


def killed_after(url: str, number: int, lines: int) -> list[str]:
    """What a writer had acknowledged when it was killed."""
    writer = start("fill", url, number)
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdin.write("go\n")
    writer.stdin.flush()
    said = [writer.stdout.readline().strip() for _ in range(lines)]
    writer.kill()
    return said + writer.communicate()[0].split()


async def assert_all_there(store: Store, names: list[str]) -> None:
    """Each with its article, its alias, its decision, and what is not yet announced."""
    assert (await store.articles.get(names)).keys() == set(names)
    assert await store.articles.resolve([f"{n}.example" for n in names]) == {
        f"{n}.example": n for n in names
    }
    assert (await store.decisions.get(names)).keys() == set(names)
    assert {item.article_id for item in await store.decisions.due(names)} == set(names)
    waiting = await store.articles.waiting("announcement", LONG_AFTER, limit=100_000)
    assert {article.id for article in waiting} >= set(names)


async def test_what_a_killed_writer_had_acknowledged_is_there(store: Store, url: str):
    names = [name for number in range(3) for name in killed_after(url, number, 20 + 7 * number)]
    assert len(names) >= 60
    await assert_all_there(store, names)


@pytest.mark.real
async def test_what_the_stand_in_had_acknowledged_when_it_was_killed_is_there(tmp_path: Path):
    if (missing := available()) is not None:
        pytest.skip(f"no stand-in for MongoDB here: {missing}")
    with MongoStandIn(fetch(), tmp_path, mode="sync") as mongo:
        url = f"{mongo.uri}/crash"
        writer = start("fill", url, 0)
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        said = [writer.stdout.readline().strip() for _ in range(30)]
        mongo.kill()
        said += writer.communicate(timeout=60)[0].split()
        mongo.start()
        store = connect(url)
        await store.open()
        await assert_all_there(store, said)
        await store.close()
