"""Delivery: state, then event, then offset; one bad record stops nothing; an engine that is away is waited for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.broker.delivery import Delivery
from shared.broker.invalid_limit import InvalidCap
from shared.broker.records import ArticleAnnounced, Event, Record, RevisionAnnounced
from shared.errors import BrokerAway, Halted, Outdated, StoreAway
from shared.settings import Settings


@dataclass
class Fakes:
    """A store and a sender that write down, in one list, what happens to them."""

    happened: list[Any] = field(default_factory=list)
    sends_that_fail: int = 0

    @property
    def articles(self) -> "Fakes":
        return self

    decisions = parked = rejected = articles

    async def announced(self, what: dict[str, int]) -> None:
        if what:
            self.happened.append(("settled", what))

    async def done(self, work: Sequence[Any]) -> None: ...

    async def get(self, ids: Any) -> dict[str, Any]:
        return {}

    async def save(self, rejected: Sequence[Any]) -> None:
        self.happened.append(("kept", [r.offset for r in rejected]))

    async def send(self, events: Sequence[Event]) -> None:
        if self.sends_that_fail:
            self.sends_that_fail -= 1
            raise BrokerAway("gone")
        self.happened.append(("sent", [(e.topic, e.value) for e in events]))


def record(offset: int, value: bytes | None = b"x") -> Record:
    return Record("c", "seeds", 0, offset, datetime(2026, 3, 2, tzinfo=UTC), None, value)


def delivery(fakes: Fakes, handler: Any, **changes: Any) -> Delivery:
    settings = Settings(**changes)
    patience = settings.patience_seconds
    return Delivery("test", handler, fakes, fakes, InvalidCap(settings), patience)  # type: ignore[arg-type]


async def test_state_comes_before_the_event_and_settling_after_it():
    fakes = Fakes()

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        fakes.happened.append(("state", len(records)))
        return [Event("t", b"a", b"1", settles=ArticleAnnounced("a", 3)), Event("t", b"a", b"2")]

    await delivery(fakes, handle).deliver([record(0), record(1)])
    assert fakes.happened == [
        ("state", 2),
        ("sent", [("t", b"1"), ("t", b"2")]),
        ("settled", {"a": 3}),
    ]


async def test_a_record_that_breaks_the_handler_is_refused_alone():
    fakes = Fakes()

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        if any(r.value == b"poison" for r in records):
            raise ValueError("no")
        return [Event("t", None, r.value) for r in records]

    work = delivery(fakes, handle)
    await work.deliver([record(0, b"a"), record(1, b"poison"), record(2, b"b")])
    assert ("kept", [1]) in fakes.happened
    assert fakes.happened[-1] == ("sent", [("t", b"a"), ("seeds.rejected", b"poison"), ("t", b"b")])
    assert work.progress.counts["rejected"] == 1


async def test_a_handler_that_refuses_everything_halts_before_anything_is_sent():
    fakes = Fakes()

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        raise ValueError("a bad deploy")

    with pytest.raises(Halted):
        await delivery(fakes, handle, invalid_in_row=3).deliver([record(n) for n in range(3)])
    assert not [what for what in fakes.happened if what[0] == "sent"]


async def test_a_store_that_is_away_is_waited_for_and_nothing_is_refused():
    fakes = Fakes()
    failures = iter([StoreAway("gone"), StoreAway("gone")])

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        if (error := next(failures, None)) is not None:
            raise error
        return [Event("t", b"a", b"1")]

    work = delivery(fakes, handle)
    await work.deliver([record(0)])
    assert fakes.happened == [("sent", [("t", b"1")])]
    assert work.progress.counts == {"received": 1, "sent": 1, "rejected": 0, "retried": 2}
    assert work.progress.state == "working"


async def test_a_send_that_fails_is_repeated_without_handling_again():
    fakes = Fakes(sends_that_fail=2)
    handled = 0

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        nonlocal handled
        handled += 1
        return [Event("t", b"a", b"1", settles=RevisionAnnounced("a", 1))]

    await delivery(fakes, handle).deliver([record(0)])
    assert handled == 1
    assert fakes.happened == [("sent", [("t", b"1")]), ("settled", {"a": 1})]


async def test_a_process_of_older_rules_ends_and_refuses_nothing():
    fakes = Fakes()

    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        raise Outdated("other rules")

    with pytest.raises(Outdated):
        await delivery(fakes, handle).deliver([record(0), record(1)])
    assert fakes.happened == []


async def test_past_the_patience_the_process_ends():
    async def handle(records: Sequence[Record], store: Any) -> list[Event]:
        raise StoreAway("gone for good")

    settings: dict[str, Any] = {"patience_seconds": 0.6, "session_timeout_ms": 500}
    with pytest.raises(StoreAway):
        await delivery(Fakes(), handle, **settings).deliver([record(0)])
