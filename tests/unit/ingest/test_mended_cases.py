"""A rejected seed that is mended and dropped again is no open case any more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.ingest.handlers import IngestHandler
from shared.broker.records import Record
from shared.store import RejectedRecord, Store, connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD = b"""---
title: The bridge
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://www.paper.example/bridge/?utm_source=x"
---
"""
OTHER = GOOD.replace(b"bridge", b"tunnel")
BROKEN = GOOD.replace(b"2026-03", b"2026-13")


class Newsroom:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._handler = IngestHandler(clock=lambda: NOW, overdue_seconds=30)
        self._offset = 0

    async def drop(self, seed: bytes, partition: int = 0, minutes: int | None = None) -> str:
        """Returns the id of the record."""
        self._offset += 1
        minutes = self._offset if minutes is None else minutes
        at = NOW + timedelta(minutes=minutes - 60)
        record = Record("c", "seeds", partition, self._offset, at, None, seed, ())
        await self._handler.handle([record], self._store)
        return record.id

    async def read_case(self, record_id: str) -> RejectedRecord:
        await self._handler.close_mended(self._store)
        record = await self._store.rejected.get(record_id)
        assert record is not None
        return record


@pytest.fixture
async def newsroom(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    yield Newsroom(store)
    await store.close()


@pytest.mark.parametrize("partition", [0, 1])
async def test_a_later_drop_with_its_address_resolves_it(newsroom: Newsroom, partition: int):
    case = await newsroom.drop(BROKEN)
    await newsroom.drop(GOOD, partition)
    closed = await newsroom.read_case(case)
    assert closed.state == "resolved"
    assert closed.dismissal is not None
    expected = f"the later drop seeds/{partition}/2 was accepted: article a"
    assert closed.dismissal.reason.startswith(expected)


async def test_identical_rejections_are_resolved_together(newsroom: Newsroom):
    cases = [await newsroom.drop(BROKEN), await newsroom.drop(BROKEN)]
    await newsroom.drop(GOOD)
    assert [(await newsroom.read_case(case)).state for case in cases] == ["resolved", "resolved"]


async def test_an_article_that_was_there_before_resolves_nothing(newsroom: Newsroom):
    await newsroom.drop(GOOD)
    case = await newsroom.drop(BROKEN)
    assert (await newsroom.read_case(case)).state == "open"


async def test_an_earlier_record_of_another_partition_resolves_nothing(newsroom: Newsroom):
    case = await newsroom.drop(BROKEN, minutes=10)
    await newsroom.drop(GOOD, partition=1, minutes=5)
    assert (await newsroom.read_case(case)).state == "open"


async def test_another_article_resolves_nothing(newsroom: Newsroom):
    case = await newsroom.drop(BROKEN)
    await newsroom.drop(OTHER)
    assert (await newsroom.read_case(case)).state == "open"


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"webUrl: http://[", b"  webUrl: x"])
async def test_a_seed_without_a_readable_address_stays_open(newsroom: Newsroom, junk: bytes):
    case = await newsroom.drop(junk)
    await newsroom.drop(GOOD)
    assert (await newsroom.read_case(case)).state == "open"


async def test_an_update_with_its_title_resolves_it(newsroom: Newsroom):
    await newsroom.drop(GOOD)
    case = await newsroom.drop(BROKEN)
    await newsroom.drop(GOOD.replace(b"T10:00", b"T11:00"))
    assert (await newsroom.read_case(case)).state == "resolved"


async def test_an_update_resolves_no_seed_that_states_the_address_by_mistake(newsroom: Newsroom):
    await newsroom.drop(GOOD)
    case = await newsroom.drop(BROKEN.replace(b"The bridge", b"The tunnel"))
    await newsroom.drop(GOOD.replace(b"T10:00", b"T11:00"))
    assert (await newsroom.read_case(case)).state == "open"


async def test_an_update_resolves_a_seed_that_had_no_title(newsroom: Newsroom):
    await newsroom.drop(GOOD)
    case = await newsroom.drop(GOOD.replace(b"title: The bridge\n", b""))
    await newsroom.drop(GOOD.replace(b"T10:00", b"T11:00"))
    assert (await newsroom.read_case(case)).state == "resolved"


async def test_the_owner_of_a_url_that_is_not_its_own_resolves_nothing(newsroom: Newsroom):
    other = b'webUrl: "https://www.paper.example/tunnel"\noriginalUrl: '
    case = await newsroom.drop(BROKEN.replace(b"webUrl: ", other))
    await newsroom.drop(GOOD)
    assert (await newsroom.read_case(case)).state == "open"


async def test_an_article_whose_path_differs_in_case_resolves_nothing(newsroom: Newsroom):
    case = await newsroom.drop(BROKEN.replace(b"/bridge", b"/BrIdge"))
    await newsroom.drop(GOOD)
    assert (await newsroom.read_case(case)).state == "open"


@pytest.mark.timeout(60)
async def test_a_title_of_many_spaces_costs_no_more_than_reading_it(newsroom: Newsroom):
    await newsroom.drop(GOOD)
    spaces = b"title: a" + b" " * 900_000 + b"b"
    case = await newsroom.drop(BROKEN.replace(b"title: The bridge", spaces))
    await newsroom.drop(GOOD.replace(b"---\n", b"---\nquality: 7\n", 1))
    assert (await newsroom.read_case(case)).state == "open"


@pytest.mark.parametrize("quote", [b"", b'"', b"'"])
async def test_an_update_resolves_a_seed_whose_lines_end_as_on_windows(
    newsroom: Newsroom, quote: bytes
):
    await newsroom.drop(GOOD)
    broken = BROKEN.replace(b"The bridge", quote + b"The bridge" + quote)
    case = await newsroom.drop(broken.replace(b"\n", b"\r\n"))
    await newsroom.drop(GOOD.replace(b"---\n", b"---\nquality: 7\n", 1))
    assert (await newsroom.read_case(case)).state == "resolved"
