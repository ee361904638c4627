"""What a redrive sends, and what it notes of each attempt."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from services.console.actions.acts import ActCause
from services.console.actions.overtaken import Overtaken
from services.console.actions.rejected.redrive import (
    UNANSWERED_AFTER,
    Redrive,
    RedriveRequest,
    redrive_selected,
)
from services.console.actions.rejected.redrive_answers import collect_answers
from shared.broker.records import Event
from shared.clock import now
from shared.errors import KafkaUnavailable
from shared.events.rejections import build_undelivered
from shared.store import Cause, RejectedRecord, Store, connect
from tests.unit.console.newsroom import NOW

ID = "c/seeds/0/1"
CAUSE = Cause("title", 2, "Expected text.")
RECORD = RejectedRecord(
    id=ID,
    service="ingest",
    topic="seeds",
    partition=0,
    offset=1,
    key=b"key",
    value=b"value",
    headers=(("path", b"a.md"), ("seedwire-attempt", b"7"), ("seedwire-record", b"x")),
    causes=(CAUSE,),
    rejected_at=NOW,
)


@dataclass
class FakeProducer:
    """Keeps what is sent, or fails."""

    failure: Exception | None = None
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def send_and_wait(self, topic: str, value: bytes, **rest: Any) -> None:
        if self.failure:
            raise self.failure
        self.sent.append({"topic": topic, "value": value, **rest})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await opened.open()
    await opened.rejected.save([RECORD])
    yield opened
    await opened.close()


async def redrive(
    store: Store, producer: FakeProducer | None, *ids: str, **options: Any
) -> list[Redrive]:
    request = RedriveRequest(ids, ActCause("ann"), options.pop("max_attempts", 3), **options)
    return await redrive_selected(producer, store, request)  # type: ignore[arg-type]


async def load(store: Store, record_id: str = ID) -> RejectedRecord:
    record = await store.rejected.get(record_id)
    assert record is not None
    return record


async def test_its_headers_name_the_case_and_the_attempt_in_place_of_forged_ones(store: Store):
    producer = FakeProducer()
    assert await redrive(store, producer) == [Redrive(ID, True, "sent")]
    (sent,) = producer.sent
    assert (sent["topic"], sent["key"], sent["value"]) == ("seeds", b"key", b"value")
    assert sent["headers"] == [
        ("path", b"a.md"),
        ("seedwire-record", ID.encode()),
        ("seedwire-attempt", b"1"),
    ]


async def test_who_sent_it_and_when_is_noted(store: Store):
    await redrive(store, FakeProducer(), ID, replacement=b"other")
    record = await load(store)
    (attempt,) = record.redrives
    assert (attempt.sent_by, attempt.is_corrected, attempt.outcome) == ("ann", True, "")
    assert record.state == "redriven"
    assert now() - attempt.sent_at < timedelta(minutes=1)


async def test_a_dry_run_notes_and_sends_nothing(store: Store):
    assert await redrive(store, None) == [Redrive(ID, True, "sent")]
    assert (await load(store)).redrives == ()


async def test_all_are_those_that_are_open(store: Store):
    await redrive(store, FakeProducer(), ID)
    assert await redrive(store, FakeProducer()) == []
    await store.rejected.answer_redrive(ID, 1, "rejected", NOW)
    assert len(await redrive(store, FakeProducer())) == 1


async def test_an_attempt_that_was_never_answered_counts_as_open_after_a_while(store: Store):
    await store.rejected.add_redrive(ID, "ann", now() - 2 * UNANSWERED_AFTER)
    assert len(await redrive(store, FakeProducer())) == 1


async def test_a_dismissed_record_is_sent_only_by_its_id(store: Store):
    await store.rejected.dismiss(ID, "ann", "a test", NOW)
    assert await redrive(store, FakeProducer()) == []
    assert len(await redrive(store, FakeProducer(), ID)) == 1


async def test_a_record_is_not_sent_for_ever(store: Store):
    for _ in range(2):
        await redrive(store, FakeProducer(), ID, max_attempts=2)
    (refused,) = await redrive(store, FakeProducer(), ID, max_attempts=2)
    assert refused == Redrive(ID, False, "left out: redriven 2 times already")


async def test_what_kafka_refuses_is_open_again(store: Store):
    (refused,) = await redrive(store, FakeProducer(MessageSizeTooLargeError("too large")), ID)
    assert not refused.is_sent
    assert "too large" in refused.outcome
    record = await load(store)
    assert (record.state, record.redrives[0].outcome) == ("open", "rejected")


async def test_without_kafka_the_command_fails_and_may_be_repeated(store: Store):
    with pytest.raises(KafkaUnavailable, match="safe to redrive it again"):
        await redrive(store, FakeProducer(KafkaConnectionError("gone")), ID)
    assert (await load(store)).attempts == 1
    assert len(await redrive(store, FakeProducer(), ID)) == 1


async def test_an_event_of_ours_is_sent_exactly_as_it_was_and_is_done_then(store: Store):
    event = Event("published.log", b"a1", b"{}", (("ce_id", b"a1.r1"),))
    undelivered = build_undelivered(event, "publishing", CAUSE, NOW)
    await store.rejected.save([undelivered])
    producer = FakeProducer()
    await redrive(store, producer, undelivered.id)
    (sent,) = producer.sent
    assert (sent["key"], sent["value"], sent["headers"]) == (b"a1", b"{}", [("ce_id", b"a1.r1")])
    record = await load(store, undelivered.id)
    assert (record.state, record.redrives[0].outcome) == ("resolved", "sent")


@pytest.mark.parametrize("names_them", [True, False])
async def test_what_a_log_tells_of_is_sent_to_its_state_topic_first(store: Store, names_them: bool):
    ids = []
    for topic in ("published.log", "published.state"):
        event = Event(topic, b"a1", b"{}", (("ce_id", b"a1.2"),))
        undelivered = build_undelivered(event, "publishing", CAUSE, NOW)
        await store.rejected.save([undelivered])
        ids.append(undelivered.id)
    producer = FakeProducer()
    await redrive(store, producer, *(ids if names_them else ()))
    topics = [sent["topic"] for sent in producer.sent if sent["topic"] != "seeds"]
    assert topics == ["published.state", "published.log"]


async def test_a_corrected_seed_goes_under_the_key_that_drop_gives_it(store: Store):
    seed = b"---\ntitle: Rain\npublishedDateTime: 2021-08-05T03:17:00Z\nwebUrl: https://A.example/Rain/\n---\n"
    producer = FakeProducer()
    await redrive(store, producer, ID, replacement=seed)
    await redrive(store, producer, ID, replacement=b"still no seed")
    await redrive(store, producer, ID)
    assert [sent["key"] for sent in producer.sent] == [b"a.example/rain", b"key", b"key"]


async def test_of_two_who_mend_a_case_at_the_same_time_one_is_told(store: Store):
    producer: Any = FakeProducer()
    requests = [
        RedriveRequest([ID], ActCause(name), 100, name.encode(), expected=0)
        for name in ("ann", "bob")
    ]
    works = [redrive_selected(producer, store, request) for request in requests]
    results = await asyncio.gather(*works, return_exceptions=True)
    overtaken = [result for result in results if isinstance(result, Overtaken)]
    assert (len(overtaken), len(producer.sent)) == (1, 1)
    outcomes = {act.by: act.outcome for act in await store.history.list_acts(ID)}
    winner = producer.sent[0]["value"].decode()
    (loser,) = outcomes.keys() - {winner}
    assert outcomes[loser].startswith("refused: somebody else sent this case")


async def test_the_log_says_what_became_of_what_was_sent(store: Store):
    cause = ActCause("ann")
    request = RedriveRequest([ID], cause, 3)
    redrives = await redrive_selected(FakeProducer(), store, request)  # type: ignore[arg-type]
    await collect_answers(store, redrives, cause, 0)
    (act,) = await store.history.list_acts(ID)
    assert act.outcome == "1 sent again (1 not answered yet)"
    await store.rejected.answer_redrive(ID, 1, "rejected", now())
    await collect_answers(store, redrives, cause, 5)
    (act,) = await store.history.list_acts(ID)
    assert act.outcome == "1 sent again (1 rejected again)"
