"""Sending: what is worth a repeat, and what is not."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError

from shared.broker.records import Event
from shared.broker.sender import Sender
from shared.errors import BrokerAway, EngineAway, SeedwireError


class Producer:
    """Takes a record, and fails its acknowledgement."""

    def __init__(self, error: KafkaError) -> None:
        self._error = error

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acknowledged.set_exception(self._error)
        return acknowledged


async def test_a_send_that_was_not_acknowledged_is_to_be_repeated():
    with pytest.raises(BrokerAway):
        await Sender(Producer(KafkaTimeoutError())).send([Event("t", b"k", b"v")])  # type: ignore[arg-type]


async def test_a_producer_that_has_died_is_not_waited_for():
    """aiokafka's own words for a sending task that ended: nothing is sent by it any more."""
    died = Producer(KafkaError("Unexpected error during batch delivery"))
    with pytest.raises(SeedwireError, match="the producer has died") as caught:
        await Sender(died).send([Event("t", b"k", b"v")])  # type: ignore[arg-type]
    assert not isinstance(caught.value, EngineAway)
