"""What became of records that were sent again."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Final

from services.console.actions.store_session import open_store
from shared.settings import Settings
from shared.store import RedriveAttempt, Store
from shared.store.ports.rejected import REJECTED_AGAIN

POLL_SECONDS: Final = 0.1


async def wait_for_answers(
    settings: Settings, record_ids: Sequence[str], seconds: float
) -> dict[str, RedriveAttempt]:
    """The last attempt of each of these records, as soon as all are answered.

    After *seconds* some may have no outcome yet. Raises StoreUnavailable.
    """
    async with open_store(settings) as store:
        return await _wait(store, record_ids, time.monotonic() + seconds)


def has_rejected_again(answers: Mapping[str, RedriveAttempt]) -> bool:
    return any(attempt.outcome == REJECTED_AGAIN for attempt in answers.values())


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


def _is_answered(answers: Mapping[str, RedriveAttempt], record_id: str) -> bool:
    return record_id in answers and bool(answers[record_id].outcome)
