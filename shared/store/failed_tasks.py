"""Tasks of articles that always fail: tried ever later, and set aside after some attempts.

A task of an article stays pending until it is done, and sweeps wake what has waited for long. If
handling it raises an error that no repeat corrects, a sweep would wake it for ever. So failures are
counted in the store, each puts the article further off, and after `MAX_ATTEMPTS` no sweep finds it
any more: it is set aside. Its case among the rejected records says why, and redriving that tries
once more. So does whatever makes the article wait anew: a new version, or a change of a relative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.budgets import MAX_CAUSE_MESSAGE_CHARACTERS, cut_text
from shared.store import FailureCount, Store, Task

MAX_ATTEMPTS: Final = 5  # the last after 85 minutes: a bad deployment is rolled back by then
FIRST_PAUSE: Final = timedelta(minutes=1)
PAUSE_GROWTH: Final = 4  # 1, 4, 16 and 64 minutes
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

_PAGE: Final = 500


@dataclass(frozen=True)
class FailedTask:
    """A task of an article that has failed, and how often."""

    task: Task
    article_id: str
    failure: FailureCount

    @property
    def is_set_aside(self) -> bool:
        """Whether no sweep tries it again."""
        return self.failure.count >= MAX_ATTEMPTS

    @property
    def retry_at(self) -> datetime:
        """When sweeps wake it again."""
        return find_retry_time(self.failure.count, self.failure.last_at)


def find_retry_time(count: int, failed_at: datetime) -> datetime:
    """When a task that has failed *count* times is tried again."""
    if count >= MAX_ATTEMPTS:
        return NEVER
    pause: timedelta = FIRST_PAUSE * PAUSE_GROWTH ** (count - 1)
    return failed_at + pause


async def count_failure(
    task: Task, article_id: str, reason: str, case_id: str, store: Store, at: datetime
) -> None:
    """Count one more failure, and put the article off. May be repeated: that counts again."""
    subject = _name(task, article_id)
    short = cut_text(reason, MAX_CAUSE_MESSAGE_CHARACTERS)
    counts = await store.failure_counts.add([subject], short, at, case_id)
    until = find_retry_time(counts.get(subject, 1), at)
    await store.articles.postpone(task, {article_id: until})


async def find_failure(task: Task, article_id: str, store: Store) -> FailureCount | None:
    """How often *task* has failed for the article; None if it has not."""
    subject = _name(task, article_id)
    return (await store.failure_counts.get([subject])).get(subject)


async def load_failed(task: Task, store: Store) -> dict[str, FailedTask]:
    """All articles for which *task* has failed, by id. There are few of them."""
    prefix = f"{task} "
    found: dict[str, FailedTask] = {}
    after = prefix
    while after.startswith(prefix):
        page = await store.failure_counts.list_page(after, _PAGE)
        for failure in page:
            if failure.subject.startswith(prefix):
                article_id = failure.subject.removeprefix(prefix)
                found[article_id] = FailedTask(task, article_id, failure)
        after = page[-1].subject if page else ""
    return found


async def forget_failures(
    finished: Iterable[FailedTask], store: Store, by: str, at: datetime
) -> None:
    """Forget the failures of tasks that are done. May be repeated.

    Their open cases are dismissed: they were handled at a later attempt.
    """
    for failed in finished:
        await _close_case(failed.failure.case_id, store, by, at)
        await store.failure_counts.remove([failed.failure.subject])


async def _close_case(case_id: str, store: Store, by: str, at: datetime) -> None:
    record = await store.rejected.get(case_id) if case_id else None
    if record is not None and record.state == "open":
        await store.rejected.dismiss(case_id, by, "handled at a later attempt", at)


def _name(task: Task, article_id: str) -> str:
    return f"{task} {article_id}"
