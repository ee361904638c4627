"""Mends a rejected seed: its text in an editor, a check, sending it in place of the original."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from services.console.actions.acts import ActCause
from services.console.actions.drops.check_seed import SeedCheck, check_seed
from services.console.actions.overtaken import Overtaken
from services.console.actions.rejected.redrive import Redrive, RedriveRequest, redrive_selected
from services.console.actions.rejected.redrive_answers import collect_answers, describe_answers
from services.console.actions.rejected.rejected_records import load_rejected
from services.console.redaction import (
    PlaceholderProblem,
    build_editor_text,
    decode_seed,
    hide_secured,
    restore_secured,
)
from shared.broker.network.connection import open_producer
from shared.clock import now
from shared.events.topics import SEEDS
from shared.settings import Settings
from shared.store import Cause, RedriveAttempt, RejectedRecord, Store
from shared.store.ports.operations.rejected import MAX_KEPT_CORRECTION

MAX_ATTEMPTS_BY_HAND: Final = 50  # nobody tries more often; a script that does should stop
ANSWER_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.1
_CONTEXT: Final = 3  # lines around a fault
_MAX_LINES: Final = 200  # a seed of so many is shown whole
_MAX_CHARACTERS: Final = 2_000  # of a line


@dataclass(frozen=True)
class SeedLine:
    """A line of a rejected seed, without values of `secured`. *faults* say what is wrong in it."""

    number: int
    text: str
    faults: tuple[str, ...] = ()


def is_editable(record: RejectedRecord) -> bool:
    """Whether it can be mended in an editor: a seed, and none that is too large."""
    return record.topic == SEEDS and 0 < len(find_last_text(record)) <= MAX_KEPT_CORRECTION


def find_last_text(record: RejectedRecord) -> bytes:
    """What was sent last: the correction, or else the seed as it was rejected first."""
    correction = record.last_correction
    return record.value or b"" if correction is None else correction


def find_last_causes(record: RejectedRecord) -> Sequence[Cause]:
    """What is wrong with the last text, as far as ingest has said it."""
    if record.last_correction is None:
        return record.causes
    return record.redrives[-1].causes


def read_editor_text(record: RejectedRecord) -> str:
    """Whoever mends a seed goes on where the last attempt ended."""
    return build_editor_text(find_last_text(record))


def mark_lines(record: RejectedRecord) -> list[SeedLine]:
    """The lines of the last text; of a long one those near its faults."""
    faults: dict[int, list[str]] = {}
    for cause in find_last_causes(record):
        if cause.line is not None:
            sentence = f"{cause.field}: {cause.message}" if cause.field else cause.message
            faults.setdefault(cause.line, []).append(sentence)
    text = hide_secured(decode_seed(find_last_text(record)))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [
        SeedLine(number, line[:_MAX_CHARACTERS], tuple(faults.get(number, ())))
        for number, line in enumerate(lines, start=1)
        if _is_shown(number, len(lines), faults)
    ]


def mark_version(record: RejectedRecord) -> str:
    """Tells whether something was done about the case since it was looked at."""
    return f"{record.state} {record.attempts}"


async def check_mended(store: Store, record: RejectedRecord, edited: str) -> SeedCheck:
    """What ingest would say of the edited text. Raises PlaceholderProblem or StoreUnavailable."""
    return await check_seed(restore_secured(edited, find_last_text(record)), store, now())


async def send_mended(
    settings: Settings, store: Store, record_id: str, edited: str, version: str, cause: ActCause
) -> RedriveAttempt | None:
    """Send the edited text in place of the seed; returns the attempt, with its answer if it came.

    *version* is that of the case when it was looked at. Raises Overtaken, PlaceholderProblem,
    RejectedRecordNotFound or DependencyUnavailable.
    """
    record = await load_rejected(store, record_id)
    await require_version(store, record, version, cause)
    replacement = _restore(record, edited)
    await send_again(settings, store, [record_id], cause, replacement, record.attempts)
    attempt = await _wait_for_answer(store, record_id)
    if attempt is not None and attempt.outcome:
        outcome = f"attempt {attempt.number} was sent, and {attempt.outcome}"
        await store.history.answer_act(cause.act_id, outcome, now())
    return attempt


async def send_again(
    settings: Settings,
    store: Store,
    record_ids: Sequence[str],
    cause: ActCause,
    replacement: bytes | None = None,
    expected: int | None = None,
) -> list[Redrive]:
    """Send records again, as they are or with *replacement*; returns what was done about each.

    Without ids, none. Raises Overtaken where there are not as many attempts as *expected*.
    """
    if not record_ids:
        return []
    request = RedriveRequest(
        record_ids, cause, MAX_ATTEMPTS_BY_HAND, replacement, expected=expected
    )
    async with open_producer(settings) as producer:
        return await redrive_selected(producer, store, request)


async def resend(
    settings: Settings, store: Store, record_ids: Sequence[str], cause: ActCause
) -> str:
    """Send records again as they are, and wait some seconds; returns what came of it."""
    redrives = await send_again(settings, store, record_ids, cause)
    answers = await collect_answers(store, redrives, cause, ANSWER_SECONDS)
    return describe_answers(redrives, answers)


async def require_version(
    store: Store, record: RejectedRecord, version: str, cause: ActCause
) -> None:
    """Raises Overtaken if somebody did something about the case since; a repeat of an act may."""
    if version != mark_version(record) and await store.history.get_act(cause.act_id) is None:
        raise Overtaken("somebody did something about this case meanwhile: look at it again")


def _restore(record: RejectedRecord, edited: str) -> bytes:
    """A form that is sent again after a crash may be of the time before its own attempt."""
    try:
        return restore_secured(edited, find_last_text(record))
    except PlaceholderProblem:
        if record.last_correction is None:
            raise
        with suppress(PlaceholderProblem):
            return restore_secured(edited, record.value or b"")
        raise


async def _wait_for_answer(store: Store, record_id: str) -> RedriveAttempt | None:
    """The last attempt, as soon as it is answered, or after a few seconds as it is."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        record = await store.rejected.get(record_id)
        attempt = record.redrives[-1] if record and record.redrives else None
        if attempt is None or attempt.outcome or time.monotonic() >= deadline:
            return attempt
        await asyncio.sleep(POLL_SECONDS)  # paces the questions


def _is_shown(number: int, count: int, faults: dict[int, list[str]]) -> bool:
    if count <= _MAX_LINES or number <= _CONTEXT:
        return True
    return any(abs(number - line) <= _CONTEXT for line in faults)
