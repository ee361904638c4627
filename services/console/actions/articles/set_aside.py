"""Articles that are set aside, because a task of theirs failed too often: in sentences."""

from collections.abc import Iterator
from typing import Final

from services.console.actions.timestamps import format_timestamp
from shared.store import Store, Task
from shared.store.failed_tasks import FailedTask, load_failed

TASKS: Final[tuple[Task, ...]] = ("images", "decision")
WORK: Final = {"images": "planning its pictures", "decision": "deciding it"}


async def load_failed_tasks(store: Store) -> dict[str, list[FailedTask]]:
    """The failed tasks of each article, by its id."""
    by_article: dict[str, list[FailedTask]] = {}
    for task in TASKS:
        for article_id, failed in (await load_failed(task, store)).items():
            by_article.setdefault(article_id, []).append(failed)
    return by_article


def describe_failure(failed: FailedTask) -> str:
    """What failed, how often, and what happens next, without the article."""
    failure = failed.failure
    often = "once" if failure.count == 1 else f"{failure.count} times"
    what = f"{WORK[failed.task]} failed {often}, last because {failure.reason}"
    if not failed.is_set_aside:
        return f"{what}; it is tried again after {format_timestamp(failed.retry_at)}"
    return f"{what}; it is set aside: `seedwire rejected redrive {failure.case_id}` tries once more"


def describe_set_aside(by_article: dict[str, list[FailedTask]]) -> Iterator[str]:
    """A sentence for each task that is set aside."""
    for article_id, tasks in by_article.items():
        for failed in tasks:
            if failed.is_set_aside:
                yield f"{article_id}: {describe_failure(failed)}"
