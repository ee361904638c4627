"""Sending events: in order within a key, all acknowledged before anything is committed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import failpoints
from shared.broker.records import Event
from shared.errors import KafkaUnavailable, SeedwireError


class Sender:
    """Sends batches of events through one producer."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, events: Sequence[Event]) -> None:
        """Return once all in-sync replicas have acknowledged every event.

        Events are enqueued one after the other, so that those of a key keep their order, and
        awaited together, so that they share requests. Raises KafkaUnavailable: then repeat the
        whole batch. Raises SeedwireError when the producer has died: then only another process can
        send the rest.
        """
        try:
            acknowledgements = [await self._enqueue(event) for event in events]
            await asyncio.gather(*acknowledgements)
            await failpoints.hit("sent")
        except KafkaError as error:
            if type(error) is KafkaError:
                # aiokafka calls an error unexpected when it ended the producer's sending task (seen
                # under uvloop: a write to a connection that was just reset). Such a producer sends
                # nothing any more, however long we wait.
                raise SeedwireError(
                    f"the producer has died: {error.__cause__ or error!r}"
                ) from error
            raise KafkaUnavailable(
                f"Kafka did not acknowledge {len(events)} events: {error!r}"
            ) from error

    async def _enqueue(self, event: Event) -> Any:  # the future of its acknowledgement
        await failpoints.hit("sending")
        headers = list(event.headers)
        return await self._producer.send(event.topic, event.value, key=event.key, headers=headers)
