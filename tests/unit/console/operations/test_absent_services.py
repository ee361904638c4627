"""Who waits for a service that no process does is told so, after a while."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.console.actions.operations.absent_services import (
    ABSENT_AFTER,
    AbsenceWatch,
    find_absent,
)
from services.console.actions.operations.pending_work import (
    LINKING,
    SERVICE_OF,
    PendingWork,
    count_waiting,
)
from shared.store import Heartbeat, Store
from tests.opened_store import opened

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TO_LINK = PendingWork({"related": 0}, {LINKING: 3})


def a_heartbeat(service: str, state: str = "working", note: str = "") -> Heartbeat:
    return Heartbeat(f"{service}-1", service, "elsewhere", 42, state, NOW, note=note)


def list_absent(pending: PendingWork, *heartbeats: Heartbeat) -> Sequence[str]:
    return find_absent(pending, heartbeats, NOW)


class TestWhoIsAbsent:
    def test_a_service_with_records_and_no_process_is(self):
        lagging = PendingWork({"ingest": 2, "images.fetch": 1, "publishing": 0}, {})
        assert list_absent(lagging) == ["images", "ingest"]
        assert list_absent(lagging, a_heartbeat("ingest")) == ["images"]

    def test_linking_without_a_process_of_related_is(self):
        assert list_absent(TO_LINK, a_heartbeat("ingest")) == ["related"]
        assert list_absent(TO_LINK, a_heartbeat("related", "halted")) == ["related"]
        assert list_absent(TO_LINK, a_heartbeat("related", "starting")) == []

    def test_nobody_is_where_nothing_is_pending(self):
        assert list_absent(PendingWork({"ingest": 0}, {LINKING: 0})) == []

    async def test_all_that_articles_wait_for_is_done_by_some_service(self, tmp_path: Path):
        async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
            assert (await count_waiting(store)).keys() == SERVICE_OF.keys()


class Watched:
    """A watch over a store, at a time that the test sets."""

    def __init__(self, store: Store) -> None:
        self.seconds = 0.0
        self.watch = AbsenceWatch(store, lambda: NOW, lambda: self.seconds)

    async def is_hopeless_after(self, seconds: float) -> bool:
        self.seconds += seconds
        return await self.watch.is_hopeless(TO_LINK)


class TestTheWatch:
    async def test_gives_up_once_a_service_has_been_absent_for_long(self, tmp_path: Path):
        async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
            await store.workers.save_heartbeat(a_heartbeat("related", "failed", "no such model"))
            watched = Watched(store)
            assert not await watched.is_hopeless_after(0)
            assert not await watched.is_hopeless_after(ABSENT_AFTER - 1)
            assert watched.watch.describe() == ""
            assert await watched.is_hopeless_after(1)
        assert watched.watch.services == ["related"]
        sentence = watched.watch.describe()
        assert "No process of related has run for 30 s" in sentence
        assert "related-1 on elsewhere, failed: no such model" in sentence
        assert "seedwire up" in sentence

    @pytest.mark.parametrize("state", ["starting", "working", "waiting"])
    async def test_begins_anew_when_a_process_was_seen(self, tmp_path: Path, state: str):
        async with opened(f"sqlite:///{tmp_path / 'seedwire.db'}") as store:
            watched = Watched(store)
            assert not await watched.is_hopeless_after(0)
            await store.workers.save_heartbeat(a_heartbeat("related", state))
            assert not await watched.is_hopeless_after(ABSENT_AFTER)
            await store.workers.save_heartbeat(a_heartbeat("related", "stopped"))
            assert not await watched.is_hopeless_after(1)
            assert not await watched.is_hopeless_after(ABSENT_AFTER - 1)
            assert await watched.is_hopeless_after(1)
