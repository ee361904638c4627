"""Acknowledgements are saved in bulk, and rejected records are kept with their reason."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.broker.records import Event, Record
from shared.broker.sending.sender import Refusal
from shared.errors import UndeliverableEvent
from shared.events.acknowledgements import ArticleAnnounced, RevisionAnnounced
from shared.runtime.service import Input
from shared.runtime.store_delivery import build_delivery
from shared.settings import Settings


class FakeStore:
    """Writes down what is saved; it has no decisions, so nothing needs a repair."""

    def __init__(self) -> None:
        self.saved: list[Any] = []

    @property
    def articles(self) -> "FakeStore":
        return self

    decisions = parked = rejected = articles

    async def mark_announced(self, versions: dict[str, int]) -> None:
        if versions:
            self.saved.append(versions)

    async def remove(self, work: Sequence[Any]) -> None: ...

    async def get(self, ids: Any) -> dict[str, Any]:
        return {}

    async def save(self, rejected: Sequence[Any]) -> None:
        self.saved += rejected


class FakeSender:
    def __init__(self) -> None:
        self.sent: list[Event] = []

    async def send(self, events: Sequence[Event]) -> list[Refusal]:
        refused = [event for event in events if event.value == b"too large"]
        self.sent += [event for event in events if event not in refused]
        return [Refusal(event, UndeliverableEvent("1,000,001 bytes")) for event in refused]


def record(value: bytes) -> Record:
    return Record("c", "seeds", 0, 7, datetime(2026, 3, 2, tzinfo=UTC), None, value)


async def deliver(store: FakeStore, sender: FakeSender, handler: Any) -> None:
    source = Input("test", "seeds", handle=handler)
    delivery = build_delivery(source, store, sender, Settings())  # type: ignore[arg-type]
    await delivery.deliver([record(b"x")])


async def test_of_several_versions_the_latest_is_saved_once():
    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        acknowledgements = [
            ArticleAnnounced("a", 3),
            ArticleAnnounced("a", 2),
            ArticleAnnounced("b", 1),
            RevisionAnnounced("a", 1),
        ]
        return [Event("t", b"a", b"1", on_ack=each) for each in acknowledgements]

    store = FakeStore()
    await deliver(store, FakeSender(), handle)
    assert store.saved == [{"a": 3, "b": 1}, {"a": 1}]


async def test_a_record_that_breaks_its_handler_is_kept_and_announced():
    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        raise ValueError("poison")

    store, sender = FakeStore(), FakeSender()
    await deliver(store, sender, handle)
    (rejected,) = store.saved
    assert (rejected.service, rejected.offset, rejected.value) == ("test", 7, b"x")
    assert "test cannot handle this record: ValueError('poison')" in rejected.causes[0].message
    (event,) = sender.sent
    assert (event.topic, event.value) == ("seeds.rejected", b"x")


async def test_an_event_that_kafka_refuses_is_kept_with_its_cause_and_counts_as_announced():
    event = Event(
        "published.log", b"a", b"too large", (("ce_id", b"a.2"),), RevisionAnnounced("a", 2)
    )

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        return [event]

    store, sender = FakeStore(), FakeSender()
    await deliver(store, sender, handle)
    undelivered, announced = store.saved
    assert undelivered.id == "undelivered/published.log/a.2"
    assert (undelivered.topic, undelivered.offset) == ("published.log", -1)
    assert (undelivered.key, undelivered.value) == (event.key, event.value)
    assert undelivered.headers == event.headers
    assert undelivered.causes[0].message == "test cannot send this: 1,000,001 bytes"
    assert announced == {"a": 2}
