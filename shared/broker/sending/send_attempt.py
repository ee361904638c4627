"""One attempt to send a batch of events, and what the errors of Kafka in it mean."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import failpoints
from shared.broker.errors.error_classes import classify, is_dead_producer, translate_error
from shared.broker.errors.error_table import LOST_PLACE, UNENCODABLE, UNEXPLAINED
from shared.broker.records import Event
from shared.errors import ErrorClass, SeedwireError, UnexplainedError

Acknowledgements = Sequence[asyncio.Future[Any]]


@dataclass(frozen=True)
class SendAttempt:
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
