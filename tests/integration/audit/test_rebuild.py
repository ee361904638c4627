"""`seedwire rebuild`: a Kafka that lost the public topics has them again, out of the store."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.console.actions.checkpoint import Checkpoint, name_place
from services.console.actions.operations.rebuild import (
    RebuildCounts,
    TopicRebuilder,
    preview_rebuild,
    rebuild,
)
from services.console.progress import ignore_progress
from shared.broker.network.connection import fetch_cluster_id
from shared.broker.records import Event
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, STORIES_LOG, STORIES_STATE
from shared.store import DecisionWrite, Store, connect
from tests.conftest import start_embedded_broker
from tests.contract.store.builders import a_decision, a_first_write, a_revision
from tests.integration.audit.newsroom import Newsroom, newsroom, seed

pytestmark = pytest.mark.embedded

PUBLIC = (PUBLISHED_STATE, PUBLISHED_LOG, STORIES_STATE, STORIES_LOG)


@asynccontextmanager
async def with_empty_kafka(room: Newsroom, folder: Path) -> AsyncIterator[Newsroom]:
    """The same store, with a Kafka that has nothing."""
    with start_embedded_broker(folder) as environment:
        settings = room.settings.model_copy(update={"kafka": environment["SEEDWIRE_KAFKA"]})
        async with newsroom(settings) as empty:
            yield empty


async def read_latest(room: Newsroom, topic: str) -> dict[bytes, tuple[Any, Any]]:
    """The last record of each key: its event id and its value."""
    latest: dict[bytes, tuple[Any, Any]] = {}
    for record in await room.records(topic):
        latest[record.key] = (dict(record.headers)["ce_id"], record.value)
    return latest


async def test_every_public_topic_ends_as_it_was(full: Newsroom, tmp_path: Path):
    await full.drop(seed("lead", 1, "Comet Vaskell fades"))  # what was published is retracted
    await full.work()
    before = [await read_latest(full, topic) for topic in PUBLIC]
    assert b"" not in [value for _, value in before[0].values()]
    async with with_empty_kafka(full, tmp_path / "second") as empty:
        counts = await rebuild(empty.settings, empty.store, ignore_progress)
        assert [await read_latest(empty, topic) for topic in PUBLIC] == before
    assert counts == RebuildCounts(len(before[0]), len(before[2]))


async def test_a_repeat_is_no_breach(full: Newsroom):
    await rebuild(full.settings, full.store, ignore_progress)
    assert (await full.audit()).found == ()


async def test_a_dry_run_counts_and_sends_nothing(full: Newsroom, tmp_path: Path):
    async with with_empty_kafka(full, tmp_path / "second") as empty:
        counts = await preview_rebuild(empty.store)
        assert await empty.records(PUBLISHED_STATE) == []
    assert counts == await rebuild(full.settings, full.store, ignore_progress)


class Killed(BaseException):
    """The process ends here."""


class Interrupted:
    """Sends into a list, and dies at the send of this number, before or after it was done."""

    def __init__(self, at: int, is_done: bool) -> None:
        self.sent: list[Event] = []
        self._remaining = at
        self._is_done = is_done

    async def send(self, events: Sequence[Event]) -> None:
        self._remaining -= 1
        if self._remaining or self._is_done:
            self.sent += events
        if not self._remaining:
            raise Killed


async def publish_many(store: Store, count: int) -> list[str]:
    names = [f"a{number:04}" for number in range(count)]
    await store.articles.save([a_first_write(name) for name in names])
    writes = []
    for name in names:
        revision = a_revision(name)
        decision = a_decision(name, revision=1, published=True, latest=revision)
        writes.append(DecisionWrite(decision, 0, revision))
    await store.decisions.save(writes)
    await store.decisions.mark_announced(dict.fromkeys(names, 1))
    return names


@pytest.mark.parametrize("is_done", [False, True], ids=["before the send", "after the send"])
async def test_killed_in_the_middle_it_goes_on_there(tmp_path: Path, is_done: bool):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    names = await publish_many(store, 250)
    checkpoint = Checkpoint(tmp_path / "rebuild.json")
    killed = Interrupted(2, is_done)
    with pytest.raises(Killed):
        await TopicRebuilder(store, killed.send, checkpoint, "c1", ignore_progress).run()
    second = Interrupted(99, is_done)
    counts = await TopicRebuilder(store, second.send, checkpoint, "c1", ignore_progress).run()
    await store.close()
    keys = {event.key for event in [*killed.sent, *second.sent]}
    assert keys == {name.encode() for name in names}
    assert counts == RebuildCounts(250, 0)
    assert len({event.key for event in second.sent}) == 150
    assert checkpoint.load() == {}


async def test_a_place_in_another_cluster_counts_for_nothing(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    await publish_many(store, 3)
    checkpoint = Checkpoint(tmp_path / "rebuild.json")
    checkpoint.save({"cluster": "c1", "part": "stories", "after": "z", "articles": 3})
    second = Interrupted(99, True)
    counts = await TopicRebuilder(store, second.send, checkpoint, "c2", ignore_progress).run()
    await store.close()
    assert counts == RebuildCounts(3, 0)


@pytest.mark.parametrize("lost", [PUBLISHED_STATE, PUBLISHED_LOG])
async def test_topics_that_were_lost_again_get_everything(tmp_path: Path, lost: str):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    names = await publish_many(store, 250)
    checkpoint = Checkpoint(tmp_path / "rebuild.json")
    killed, second = Interrupted(2, True), Interrupted(99, True)
    before = dict.fromkeys(PUBLIC, 1_000)
    with pytest.raises(Killed):
        await TopicRebuilder(store, killed.send, checkpoint, "c1", ignore_progress, before).run()
    now = {**before, PUBLISHED_STATE: 1_200, PUBLISHED_LOG: 1_200, lost: 20}
    await TopicRebuilder(store, second.send, checkpoint, "c1", ignore_progress, now).run()
    await store.close()
    assert {event.key for event in second.sent} == {name.encode() for name in names}


async def test_topics_that_grew_meanwhile_get_the_rest(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    await publish_many(store, 250)
    checkpoint = Checkpoint(tmp_path / "rebuild.json")
    killed, second = Interrupted(2, True), Interrupted(99, True)
    before = dict.fromkeys(PUBLIC, 1_000)
    with pytest.raises(Killed):
        await TopicRebuilder(store, killed.send, checkpoint, "c1", ignore_progress, before).run()
    now = {**before, PUBLISHED_STATE: 1_201, PUBLISHED_LOG: 1_201}
    await TopicRebuilder(store, second.send, checkpoint, "c1", ignore_progress, now).run()
    await store.close()
    assert len({event.key for event in second.sent}) == 150


async def test_a_real_topic_that_was_deleted_again_gets_everything(full: Newsroom, tmp_path: Path):
    """The place of a rebuild that was killed at its end, and then the topics went once more."""
    async with with_empty_kafka(full, tmp_path / "second") as empty:
        name = name_place(empty.store.address)
        checkpoint = Checkpoint(empty.settings.home / f"rebuild-{name}.json")
        cluster = await fetch_cluster_id(empty.settings)
        place = {"part": "stories", "after": "~", "articles": 5, "stories": 5, PUBLISHED_LOG: 9}
        checkpoint.save({"cluster": cluster, **place})
        await rebuild(empty.settings, empty.store, ignore_progress)
        before = [await read_latest(full, topic) for topic in PUBLIC]
        assert [await read_latest(empty, topic) for topic in PUBLIC] == before


async def test_a_revision_that_is_due_is_left_to_publishing(tmp_path: Path):
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    await publish_many(store, 2)
    due = a_revision("a0001", 2)
    decision = a_decision("a0001", 2, revision=2, published=True, latest=due)
    await store.decisions.save([DecisionWrite(decision, 1, due)])
    checkpoint = Checkpoint(tmp_path / "rebuild.json")
    sent = Interrupted(99, True)
    await TopicRebuilder(store, sent.send, checkpoint, "c1", ignore_progress).run()
    await store.close()
    assert {event.key for event in sent.sent} == {b"a0000"}
