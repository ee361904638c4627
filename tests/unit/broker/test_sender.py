"""Sending: which errors are worth a repeat, and which are not."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaError, KafkaTimeoutError

from shared.broker.records import Event
from shared.broker.sender import Sender
from shared.errors import DependencyUnavailable, KafkaUnavailable, SeedwireError


class FailingProducer:
    """Takes a record, and fails its acknowledgement."""

    def __init__(self, error: KafkaError) -> None:
        self._error = error

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        acknowledged.set_exception(self._error)
        return acknowledged


async def test_a_send_without_acknowledgement_may_be_repeated():
    with pytest.raises(KafkaUnavailable):
        await Sender(FailingProducer(KafkaTimeoutError())).send([Event("t", b"k", b"v")])  # type: ignore[arg-type]


async def test_a_producer_that_has_died_is_not_waited_for():
    """aiokafka raises this when its sending task has ended: the producer sends nothing more."""
    died = FailingProducer(KafkaError("Unexpected error during batch delivery"))
    with pytest.raises(SeedwireError, match="the producer has died") as caught:
        await Sender(died).send([Event("t", b"k", b"v")])  # type: ignore[arg-type]
    assert not isinstance(caught.value, DependencyUnavailable)
