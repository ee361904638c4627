"""Four workers, some killed on the way, end with what one alone ends with."""

from pathlib import Path

import pytest

from shared.store import connect
from tests.integration.related.test_related_histories import Outcome, load_outcome
from tests.integration.related.worker_processes import link_with_workers
from tests.unit.related.features.headlines import build_stored_article, load_headlines


async def link_headlines(workers: int, kills: int, folder: Path) -> Outcome:
    folder.mkdir()
    store = connect(f"sqlite:///{folder / 'seedwire.db'}")
    await store.open()
    articles = [
        build_stored_article(number, headline.title)
        for number, headline in enumerate(load_headlines())
    ]
    await link_with_workers(workers, kills, articles, store, folder)
    outcome = await load_outcome(store)
    await store.close()
    return outcome


@pytest.mark.timeout(900)
async def test_four_workers_with_kills_end_with_what_one_ends_with(tmp_path: Path):
    alone = await link_headlines(1, 0, tmp_path / "one")
    together = await link_headlines(4, 3, tmp_path / "four")
    assert together.stories == alone.stories
    assert together.links.keys() == alone.links.keys()
    assert len(alone.links) > 40
