"""Four workers, some killed on the way, end where one alone ends."""

from pathlib import Path

from shared.store import Store, connect
from tests.integration.related.fleet import linked_by
from tests.integration.related.test_related_histories import End, end
from tests.unit.related.headlines import headlines, stored


async def ended(workers: int, kills: int, folder: Path) -> End:
    store: Store = connect(f"sqlite:///{folder / 'seedwire.db'}")
    await store.open()
    articles = [stored(number, headline.title) for number, headline in enumerate(headlines())]
    await linked_by(workers, kills, articles, store, folder)
    found = await end(store)
    await store.close()
    return found


async def test_four_workers_with_kills_end_where_one_ends(tmp_path: Path):
    for name in ("one", "four"):
        (tmp_path / name).mkdir()
    one = await ended(1, 0, tmp_path / "one")
    four = await ended(4, 3, tmp_path / "four")
    assert four.stories == one.stories
    assert four.links.keys() == one.links.keys()
    assert len(one.links) > 40
