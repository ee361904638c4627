"""Sending events: phase after phase, in order within a key, all acknowledged before a commit."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import failpoints
from shared.broker.error_classes import (
    LOST_PLACE,
    UNENCODABLE,
    UNEXPLAINED,
    classify,
    is_dead_producer,
    translate_error,
)
from shared.broker.producer_source import ProducerSource
from shared.broker.records import Event, Headers
from shared.broker.refusals import Refusal, hold_back, refuse, refuse_large
from shared.errors import ErrorClass, SeedwireError, UnexplainedError

Acknowledgements = Sequence[asyncio.Future[Any]]


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
        attempt = _Attempt(producer, len(events), is_last, can_replace=self._source is not None)
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


@dataclass(frozen=True)
class _Attempt:
    """One attempt to send a batch of *events*, possibly in several requests."""

    producer: AIOKafkaProducer
    events: int
    is_last: bool
    can_replace: bool

    async def send_together(self, events: Iterable[Event]) -> list[Exception | None]:
        """The permanent error of each event; None for those that were acknowledged.

        Raises what the others mean.
        """
        acknowledgements: list[asyncio.Future[Any]] = []
        for event in events:
            try:
                acknowledgements.append(await self._enqueue(event))
            except (KafkaError, *UNENCODABLE) as error:
                if not self._is_permanent(error):
                    _abandon(acknowledgements)
                    raise self._translate([error]) from error
                acknowledgements.append(_fail(error))
        results = await asyncio.gather(*acknowledgements, return_exceptions=True)
        errors = [_as_error(result) for result in results]
        others = [error for error in errors if error and not self._is_permanent(error)]
        if others:
            raise self._translate(others) from others[0]
        return errors

    async def _enqueue(self, event: Event) -> asyncio.Future[Any]:
        await failpoints.hit("sending")
        acknowledgement: asyncio.Future[Any] = await self.producer.send(
            event.topic, event.value, key=event.key, headers=list(event.headers)
        )
        return acknowledgement

    def _is_permanent(self, error: Exception) -> bool:
        if self.is_last and isinstance(error, UNEXPLAINED):
            return True
        return classify(error) is ErrorClass.PERMANENT

    def _translate(self, errors: Sequence[Exception]) -> Exception:
        """What the worst of *errors*, none of them permanent, means for the batch."""
        worst = min(errors, key=_rank)
        is_lost = isinstance(worst, LOST_PLACE) and not self.can_replace
        if is_lost or is_dead_producer(worst):
            return SeedwireError(f"the producer has died: {worst.__cause__ or worst!r}")
        meaning = translate_error(worst, f"Kafka did not acknowledge {self.events} events")
        return UnexplainedError(str(meaning)) if isinstance(worst, UNEXPLAINED) else meaning


def _rank(error: Exception) -> int:
    """Orders the errors of a batch, the most serious first.

    Errors without an explanation come last: only where there is no other is the event suspect.
    """
    if is_dead_producer(error):
        return 0
    if classify(error) is ErrorClass.FATAL:
        return 1
    if isinstance(error, LOST_PLACE):
        return 2
    return 4 if isinstance(error, UNEXPLAINED) else 3


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


def _abandon(acknowledgements: Acknowledgements) -> None:
    """Nobody awaits these any more; asyncio is not to complain of their errors."""
    for acknowledgement in acknowledgements:
        acknowledgement.add_done_callback(_retrieve_exception)


def _retrieve_exception(acknowledgement: asyncio.Future[Any]) -> None:
    if not acknowledgement.cancelled():
        acknowledgement.exception()


def _fail(error: Exception) -> asyncio.Future[Any]:
    """An acknowledgement that has failed already."""
    failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    failed.set_exception(error)
    return failed


def _as_error(result: Any) -> Exception | None:
    """*result* of an acknowledgement, if it is an error. Raises what is no error of the client."""
    if not isinstance(result, BaseException):
        return None
    if not isinstance(result, (KafkaError, *UNENCODABLE)):
        raise result
    return result
