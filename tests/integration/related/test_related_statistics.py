"""The statistics of the feed: one reader a store, and results that follow every new version."""

import random
from pathlib import Path

import pytest

from services.console.actions.operations.pending_work import (
    LINKING,
    PendingWork,
    add_work_to_come,
)
from services.enrichment.related.judging.feed_statistics import MIN_BASIS
from services.enrichment.related.stream import link_stream, recompute_all, save_articles
from shared.clock import now
from shared.errors import SettingsError
from shared.store import FeedSnapshot, Heartbeat, Store, connect
from tests.integration.related.town_feed import (
    OLDER,
    add_older_articles,
    build_lines,
    build_table_handler,
)


async def link(lines: list[dict[str, object]], store: Store) -> dict[str, object]:
    handler = build_table_handler()
    results = await link_stream(lines, handler, store, lambda done, total: None)
    return {str(result["id"]): result for result in results}


async def test_a_young_feed_counts_as_general_news(store: Store):
    await link(build_lines(MIN_BASIS - 1), store)
    snapshot = await store.feed.get_snapshot()
    assert snapshot is not None
    assert (snapshot.version, snapshot.reader, snapshot.is_applied) == (1, "table", True)


async def test_statistics_are_published_once_and_applied_to_all(store: Store):
    await link(build_lines(MIN_BASIS + 1), store)
    snapshot = await store.feed.get_snapshot()
    assert snapshot is not None
    assert (snapshot.version, snapshot.is_applied) == (2, True)
    handler = build_table_handler()
    assert not await handler.update_statistics(store)
    assert await store.neighbourhoods.count_dirty() == 0


async def test_a_worker_that_dies_before_it_marked_the_articles_is_replaced(store: Store):
    await link(build_lines(MIN_BASIS + 1), store)
    snapshot = await store.feed.get_snapshot()
    assert snapshot is not None
    unmarked = FeedSnapshot(3, "table", snapshot.centre, snapshot.narrowness)
    await store.feed.publish(unmarked)
    handler = build_table_handler()
    await handler.update_statistics(store)
    assert await store.neighbourhoods.count_dirty() == MIN_BASIS + 1
    await recompute_all(handler, store)


async def find_work_to_come(store: Store) -> PendingWork:
    nothing = PendingWork({}, {LINKING: 0})
    return await add_work_to_come(nothing, await store.feed.get_snapshot(), store)


async def test_whoever_waits_waits_for_what_new_statistics_will_have_linked_anew(store: Store):
    handler = await add_older_articles(store)
    assert (await find_work_to_come(store)).waiting == {LINKING: MIN_BASIS + OLDER}
    assert await handler.update_statistics(store)
    await recompute_all(handler, store)
    assert (await find_work_to_come(store)).is_empty


async def test_statistics_that_change_while_work_is_counted_are_work_to_come(store: Store):
    handler = await add_older_articles(store)
    before = await store.feed.get_snapshot()
    await handler.update_statistics(store)
    work = await add_work_to_come(PendingWork({}, {LINKING: 0}), before, store)
    assert not work.is_empty


async def test_where_relations_are_given_nothing_is_linked_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    await add_older_articles(store)
    monkeypatch.setenv("SEEDWIRE_RELATED", "given")
    assert (await find_work_to_come(store)).is_empty


@pytest.mark.parametrize(("mode", "is_done"), [("given", True), ("linked", False), ("", False)])
async def test_the_workers_say_whether_relations_are_given(store: Store, mode: str, is_done: bool):
    """Whoever waits may have other settings than they; workers of older versions do not say it."""
    await add_older_articles(store)
    worker = Heartbeat("related-1", "related", "host", 42, "working", now(), mode=mode)
    await store.workers.save_heartbeat(worker)
    assert (await find_work_to_come(store)).is_empty == is_done


async def test_workers_that_link_are_believed_by_who_has_relations_given(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    await add_older_articles(store)
    worker = Heartbeat("related-1", "related", "host", 42, "working", now(), mode="linked")
    await store.workers.save_heartbeat(worker)
    monkeypatch.setenv("SEEDWIRE_RELATED", "given")
    assert not (await find_work_to_come(store)).is_empty


async def test_the_order_of_articles_does_not_matter(tmp_path: Path):
    lines = build_lines(150)
    outcomes: list[dict[str, object]] = []
    for seed in range(4):
        store = connect(f"sqlite:///{tmp_path / str(seed)}?synchronous=normal")
        await store.open()
        shuffled = random.Random(seed).sample(lines, len(lines)) if seed else lines
        outcomes.append(await link(shuffled, store))
        await store.close()
    for outcome in outcomes[1:]:
        for line_id, result in outcomes[0].items():
            assert outcome[line_id] == result


@pytest.mark.parametrize(("reader", "advice"), [("minilm", "make model"), ("other", "off")])
async def test_a_store_of_another_reader_is_refused(store: Store, reader: str, advice: str):
    await store.feed.publish(FeedSnapshot(1, reader, b"", 0.4))
    handler = build_table_handler()
    with pytest.raises(SettingsError, match=advice):
        await handler.start(store)
    with pytest.raises(SettingsError, match=reader):
        await handler.update_neighbours(await save_articles(build_lines(1), store), store)
