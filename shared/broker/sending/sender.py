"""Sending events: phase after phase, in order within a key, all acknowledged before a commit."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from aiokafka import AIOKafkaProducer

from shared import failpoints
from shared.broker.errors.error_table import LOST_PLACE, UNENCODABLE
from shared.broker.records import Event, Headers
from shared.broker.sending.producer_source import ProducerSource
from shared.broker.sending.refusals import Refusal, hold_back, refuse, refuse_large
from shared.broker.sending.send_attempt import SendAttempt
from shared.errors import SeedwireError


class Sender:
    """Sends batches of events through one producer, each with *common_headers* added.

    *source*, if given, has another producer when Kafka and the first no longer agree.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        source: ProducerSource | None = None,
        common_headers: Headers = (),
    ) -> None:
        self._producer = producer
        self._source = source
        self._common_headers = common_headers

    async def send(
        self, events: Sequence[Event], *, is_last_attempt: bool = False
    ) -> list[Refusal]:
        """Return once all in-sync replicas have acknowledged every event but those returned.

        An event is sent after those of lower phases were acknowledged. Where one of these completes
        the same as the event and was refused, the event is refused too: it would tell of something
        that is not there.

        Raises KafkaUnavailable: then repeat the whole batch. Raises DependencyRejected when Kafka
        rejects this process, and SeedwireError when the producer has died: then only another
        process can send the rest. In the last attempt, errors that Kafka does not explain count
        against the event.
        """
        refusals: list[Refusal] = []
        in_phases = sorted(events, key=_get_phase)  # the order within a phase stays
        for _, group in groupby(in_phases, key=_get_phase):
            complete = [self._add_headers(event) for event in group]
            held_back, sendable = hold_back(complete, refusals)
            refusals += held_back
            refusals += await self._send_phase(sendable, is_last_attempt)
        await failpoints.hit("sent")
        return refusals

    def _add_headers(self, event: Event) -> Event:
        if not self._common_headers:
            return event
        return replace(event, headers=(*event.headers, *self._common_headers))

    async def _send_phase(self, events: Sequence[Event], is_last: bool) -> list[Refusal]:
        """Send events that do not depend on one another.

        They are enqueued one after the other, so that those of a key keep their order, and awaited
        together, so that they share requests. Kafka fails a whole request for one bad event; the
        events of the keys concerned are then sent again, each alone.
        """
        refusals, sendable = refuse_large(events)
        errors = await self._attempt(sendable, is_last)
        for event, error in zip(sendable, errors, strict=True):
            if isinstance(error, UNENCODABLE):
                refusals.append(refuse(event, error))
        for event in _select_suspects(sendable, errors):
            (error,) = await self._attempt([event], is_last)
            if error is not None:
                refusals.append(refuse(event, error))
        return refusals

    async def _attempt(self, events: Sequence[Event], is_last: bool) -> list[Exception | None]:
        """The permanent error of each event; raises what others mean."""
        producer = self._producer if self._source is None else self._source.current
        attempt = SendAttempt(producer, len(events), is_last, can_replace=self._source is not None)
        try:
            errors = await attempt.send_together(events)
        except SeedwireError as error:
            if isinstance(error.__cause__, LOST_PLACE):
                await self._replace(producer)
            raise
        if any(_is_from_kafka(error) for error in errors):
            await self._replace(producer)
        return errors

    async def _replace(self, producer: AIOKafkaProducer) -> None:
        if self._source is not None:
            await self._source.replace(producer)


def _get_phase(event: Event) -> int:
    return event.phase


def _select_suspects(events: Sequence[Event], errors: Sequence[Exception | None]) -> list[Event]:
    """The events of a request that Kafka failed, and those behind them with the same keys.

    The latter were acknowledged, but sending the former after them would change their order.
    """
    suspect_keys: set[tuple[str, bytes | None]] = set()
    suspects = []
    for event, error in zip(events, errors, strict=True):
        key = (event.topic, event.key)
        is_failed = _is_from_kafka(error)
        if is_failed:
            suspect_keys.add(key)
        if is_failed or (error is None and key in suspect_keys):
            suspects.append(event)
    return suspects


def _is_from_kafka(error: Exception | None) -> bool:
    """Whether Kafka refused a request, so that every event in it failed."""
    return error is not None and not isinstance(error, UNENCODABLE)
