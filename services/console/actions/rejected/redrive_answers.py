"""What became of records that were sent again, also for the log."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from services.console.actions.acts import ActCause
from services.console.actions.rejected.redrive import Redrive, describe_redrives
from services.console.actions.store_session import open_store
from shared.clock import now
from shared.settings import Settings
from shared.store import RedriveAttempt, Store
from shared.store.ports.operations.rejected import REJECTED_AGAIN

POLL_SECONDS: Final = 0.1
UNANSWERED: Final = "not answered yet"

Answers = Mapping[str, RedriveAttempt]
"""The last attempt of records that were sent, by their ids."""


async def wait_for_answers(
    settings: Settings, redrives: Sequence[Redrive], cause: ActCause, seconds: float
) -> Answers:
    """The attempts of the records that were sent, as soon as all are answered.

    After *seconds* some may have no outcome yet. What came of them is noted with the act. Raises
    StoreUnavailable.
    """
    async with open_store(settings) as store:
        return await collect_answers(store, redrives, cause, seconds)


async def collect_answers(
    store: Store, redrives: Sequence[Redrive], cause: ActCause, seconds: float
) -> Answers:
    """The same with an opened store."""
    sent = [redrive.record_id for redrive in redrives if redrive.is_sent]
    answers = await _wait(store, sent, time.monotonic() + seconds)
    if sent:
        await store.history.answer_act(cause.act_id, describe_answers(redrives, answers), now())
    return answers


def describe_answers(redrives: Sequence[Redrive], answers: Answers) -> str:
    """For example `3 sent again (2 accepted, 1 rejected again)`."""
    outcomes: Counter[str] = Counter()
    for redrive in redrives:
        if redrive.is_sent:
            attempt = answers.get(redrive.record_id)
            outcomes[_name_outcome(attempt.outcome if attempt else "")] += 1
    counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    return describe_redrives(redrives, f" ({counts})" if counts else "")


def has_rejected_again(answers: Answers) -> bool:
    return any(attempt.outcome == REJECTED_AGAIN for attempt in answers.values())


def _name_outcome(outcome: str) -> str:
    return "rejected again" if outcome == REJECTED_AGAIN else outcome or UNANSWERED


async def _wait(
    store: Store, record_ids: Sequence[str], deadline: float
) -> dict[str, RedriveAttempt]:
    answers: dict[str, RedriveAttempt] = {}
    while True:
        for record_id in record_ids:
            if not _is_answered(answers, record_id):
                record = await store.rejected.get(record_id)
                if record and record.redrives:
                    answers[record_id] = record.redrives[-1]
        is_complete = all(_is_answered(answers, record_id) for record_id in record_ids)
        if is_complete or time.monotonic() >= deadline:
            return answers
        await asyncio.sleep(POLL_SECONDS)  # paces the questions


def _is_answered(answers: Answers, record_id: str) -> bool:
    return record_id in answers and bool(answers[record_id].outcome)
