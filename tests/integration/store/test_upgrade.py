"""A store of layout 3 is upgraded while the version that wrote it goes on working, and back."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.console.actions.operations.upgrade import finish_upgrade, load_upgrade_state
from shared.errors import StoreUnavailable
from shared.store import FeedSnapshot, connect
from shared.store.layout import LAYOUT, SCHEMA, STEPS
from shared.store.sqlite.engine.migrations import apply_step
from tests.contract.store.builders import a_first_write, a_heartbeat
from tests.integration.store.mongo.mongo_proxy import Fault, MongoProxy
from tests.integration.store.old_version import OldVersion, publish_statistics
from tests.opened_store import opened


async def write_old_store(folder: Path, url: str) -> list[str]:
    """A store of layout 3 with some articles; returns their ids."""
    async with OldVersion(folder, url, "before") as old:
        await old.wait_for_articles(3)
        await old.stop()
    return old.acknowledged


class TestBesideTheOldVersion:
    async def test_the_steps_are_applied_while_it_writes_and_reads(
        self, tmp_path: Path, store_url: str
    ):
        before = await write_old_store(tmp_path, store_url)
        async with OldVersion(tmp_path, store_url) as old:
            await old.wait_for_articles(1)
            async with opened(store_url) as store:
                state = await store.schema.load_state()
                await store.articles.save([a_first_write("new")])
                await store.workers.save_heartbeat(a_heartbeat("new", schema=SCHEMA))
                await old.wait_for_articles(20)
                await old.stop()
                kept = await store.articles.get([*before, *old.acknowledged])
        assert (state.layout, list(state.applied)) == (LAYOUT, sorted(STEPS))
        assert sorted(kept) == sorted([*before, *old.acknowledged])
        assert old.seen == len(kept) + 1  # with the article of this version

    async def test_many_processes_at_once_apply_each_step_once(
        self, tmp_path: Path, store_url: str
    ):
        await write_old_store(tmp_path, store_url)
        stores = [connect(store_url) for _ in range(6)]
        await asyncio.gather(*(store.open() for store in stores))
        states = [await store.schema.load_state() for store in stores]
        await asyncio.gather(*(store.close() for store in stores))
        assert {tuple(state.applied) for state in states} == {tuple(sorted(STEPS))}

    async def test_its_workers_are_told_from_those_of_this_version(
        self, tmp_path: Path, store_url: str
    ):
        """Also where a worker of this version had the same name before: after going back."""
        async with opened(store_url) as store:
            await store.workers.save_heartbeat(a_heartbeat("old", schema=SCHEMA))
            await store.workers.save_heartbeat(a_heartbeat("new", schema=SCHEMA))
            async with OldVersion(tmp_path, store_url) as old:
                await old.wait_for_articles(1)
                await old.stop()
            schemas = {
                heartbeat.instance: heartbeat.schema
                for heartbeat in await store.workers.list_heartbeats()
            }
        assert schemas == {"old": LAYOUT, "new": SCHEMA}


class TestTheFeedSnapshot:
    async def test_the_old_version_leaves_no_formula_of_its_own(
        self, tmp_path: Path, store_url: str
    ):
        """Not even where this version had published one before."""
        async with opened(store_url) as store:
            for version in (1, 3):
                ours = FeedSnapshot(version, "table", b"", 0.5, formula=SCHEMA)
                assert await store.feed.publish(ours)
                assert await store.feed.get_snapshot() == ours
                await publish_statistics(tmp_path, store_url)
                theirs = FeedSnapshot(version + 1, "table", b"", 0.25, formula=0)
                assert await store.feed.get_snapshot() == theirs

    async def test_the_old_version_publishes_the_first_one_of_an_upgraded_store(
        self, tmp_path: Path, store_url: str
    ):
        async with opened(store_url) as store:
            await publish_statistics(tmp_path, store_url)
            assert await store.feed.get_snapshot() == FeedSnapshot(1, "table", b"", 0.25)


class TestGoingBack:
    async def test_the_old_version_works_on_an_upgraded_store(self, tmp_path: Path, store_url: str):
        async with opened(store_url) as store:
            await store.articles.save([a_first_write("new")])
        async with OldVersion(tmp_path, store_url) as old:
            await old.wait_for_articles(3)
            await old.stop()
        assert old.seen == len(old.acknowledged) + 1

    async def test_and_is_refused_in_a_sentence_once_the_upgrade_is_finished(
        self, tmp_path: Path, store_url: str
    ):
        async with opened(store_url) as store:
            assert (await finish_upgrade(store)).is_finished
        async with OldVersion(tmp_path, store_url) as old:
            assert f"has layout {SCHEMA}" in await old.read_refusal()
        async with opened(store_url) as store:
            assert (await load_upgrade_state(store)).is_finished


class TestFinishing:
    async def test_it_waits_for_the_last_old_worker(self, tmp_path: Path, store_url: str):
        async with opened(store_url) as store:
            async with OldVersion(tmp_path, store_url) as old:
                await old.wait_for_articles(1)
                state = await finish_upgrade(store)
                assert [worker.instance for worker in state.older_workers] == ["old"]
                assert not state.is_finished
                await old.wait_for_articles(1)
                await old.stop()
            at = datetime.now(UTC)
            await store.workers.save_heartbeat(a_heartbeat("old", at=at, state="stopped"))
            assert (await finish_upgrade(store)).is_finished


class TestDeaths:
    @pytest.mark.embedded
    @pytest.mark.parametrize("number", sorted(STEPS))
    async def test_a_step_that_was_not_committed_is_applied_by_the_next_start(
        self, number: int, tmp_path: Path
    ):
        file = tmp_path / "seedwire.db"
        await write_old_store(tmp_path, f"sqlite:///{file}")
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("CREATE TABLE schema_steps (number INTEGER PRIMARY KEY, applied_at)")
        connection.execute("BEGIN IMMEDIATE")
        apply_step(connection, number)
        connection.close()  # as the end of a process does, without a commit
        async with opened(f"sqlite:///{file}") as store:
            assert list((await store.schema.load_state()).applied) == sorted(STEPS)

    @pytest.mark.real
    async def test_a_step_that_was_not_recorded_is_recorded_by_the_next_start(
        self, proxy: MongoProxy, proxy_url: str, tmp_path: Path
    ):
        await write_old_store(tmp_path, proxy_url)
        proxy.arm(Fault("update", "layout", executed=1))
        with pytest.raises(StoreUnavailable):
            await connect(proxy_url).open()
        async with opened(proxy_url) as store:
            assert list((await store.schema.load_state()).applied) == sorted(STEPS)


@pytest.mark.embedded
async def test_in_sqlite_wide_rows_get_an_id_of_their_own_and_nothing_else_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    ids = await write_old_store(tmp_path, f"sqlite:///{tmp_path}/old.sqlite")
    async with opened(f"sqlite:///{tmp_path}/old.sqlite") as store:
        kept = await store.articles.get(ids)
    assert f"rebuilds the table articles with {len(ids)} rows" in caplog.text
    async with opened(f"sqlite:///{tmp_path}/new.sqlite"):
        pass
    assert sorted(kept) == sorted(ids)
    assert describe_tables(tmp_path / "old.sqlite") == describe_tables(tmp_path / "new.sqlite")


def describe_tables(path: Path) -> dict[str, tuple[object, ...]]:
    """Of each table whether its rows have ids, its columns, and its indexes with their columns."""
    described: dict[str, tuple[object, ...]] = {}
    with closing(sqlite3.connect(path)) as connection:
        for _, table, kind, _, without_rowid, _ in connection.execute("PRAGMA table_list"):
            if kind != "table" or table.startswith("sqlite_"):
                continue
            columns = {row[1:5] for row in connection.execute(f"PRAGMA table_info({table})")}
            indexes: set[object] = set()
            for row in connection.execute(f"PRAGMA index_list({table})").fetchall():
                entries = connection.execute(f"PRAGMA index_info({row[1]})")
                name = "" if row[3] == "pk" else row[1]
                indexes.add((name, row[2], tuple(entry[2] for entry in entries)))
            described[table] = (without_rowid, columns, indexes)
    return described
