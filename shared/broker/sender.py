"""Sending events: in order within a key, all acknowledged before anything is committed."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import failpoints
from shared.broker.records import (
    ArticleAnnounced,
    Event,
    ParkedDone,
    RevisionAnnounced,
    StoryAnnounced,
)
from shared.errors import BrokerAway, SeedwireError
from shared.store import Store


class Sender:
    """Sends batches of events through one producer and settles them in the store."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, events: Sequence[Event]) -> None:
        """Return once every event is acknowledged by all in-sync replicas. Raises BrokerAway; then repeat all.

        Raises SeedwireError when the producer has died: only another process can send what is left.

        Events are handed over one by one, so that those of a key keep their order, and awaited together, so that
        they share requests.
        """
        try:
            sent = [await self._hand_over(event) for event in events]
            await asyncio.gather(*sent)
            await failpoints.reached("sent")
        except KafkaError as error:
            if type(error) is KafkaError:
                # What aiokafka calls unexpected ended its sending task (a write to a connection that was just reset,
                # as seen under uvloop): this producer sends nothing any more, however long we wait.
                raise SeedwireError(
                    f"the producer has died: {error.__cause__ or error!r}"
                ) from error
            raise BrokerAway(
                f"Kafka did not acknowledge {len(events)} events: {error!r}"
            ) from error

    async def _hand_over(self, event: Event) -> Any:  # the future of its acknowledgement
        await failpoints.reached("sending")
        headers = list(event.headers)
        return await self._producer.send(event.topic, event.value, key=event.key, headers=headers)


async def settle(events: Sequence[Event], store: Store) -> None:
    """Write to the store what the acknowledged *events* were due for. May be repeated."""
    articles: dict[str, int] = {}
    revisions: dict[str, int] = {}
    stories: dict[str, int] = {}
    work = []
    for event in events:
        match event.settles:
            case ArticleAnnounced(article_id, version):
                articles[article_id] = max(version, articles.get(article_id, 0))
            case RevisionAnnounced(article_id, revision):
                revisions[article_id] = max(revision, revisions.get(article_id, 0))
            case StoryAnnounced(story_id, version):
                stories[story_id] = max(version, stories.get(story_id, 0))
            case ParkedDone(parked):
                work.append(parked)
    await store.articles.announced(articles)
    await failpoints.reached("settling")
    await store.decisions.announced(revisions)
    if stories:
        await store.stories.announced(stories)
    await store.parked.done(work)
    await failpoints.reached("settled")
