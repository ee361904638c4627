"""Publishing's events to itself: whoever owns an article's partition is to decide it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.publishing.deciding.decision_inputs import Contest
from services.publishing.deciding.outdated import find_outdated_relatives
from services.publishing.deciding.ranking import Contender
from shared import failpoints
from shared.broker.records import Event
from shared.events.article_events import build_article_enriched
from shared.store import Store
from shared.trace_context import TraceContext


async def wake_outdated_relatives(
    stable: Sequence[Contest], changed: Collection[str], store: Store
) -> list[Event]:
    """Touch the relatives whose decisions are outdated; returns an event for each of them.

    Relatives among *changed* are left out, because the next round decides them anyway.
    """
    causes: dict[str, Contest] = {}
    for contest in stable:
        for relative_id in find_outdated_relatives(contest):
            if relative_id not in changed:
                causes.setdefault(relative_id, contest)
    if causes:
        await store.articles.touch(causes.keys())
        await failpoints.hit("woken")
    return [_wake_relative(relative_id, contest) for relative_id, contest in causes.items()]


def _wake_relative(relative_id: str, contest: Contest) -> Event:
    """The event names the decision of *contest* that its relative does not know yet.

    Of the two articles, the one that changed last has caused it.
    """
    article = contest.contender
    relative = next(known for known in contest.relatives if known.id == relative_id)
    latest = max(article, relative, key=_get_change)
    stamp = contest.decision.stamp if contest.decision else 0
    cause = f"{article.id}.v{article.version}.d{stamp}.to.v{relative.version}"
    return build_wake_up(relative_id, cause, latest.changed_at, latest.trace)


def _get_change(contender: Contender) -> tuple[bool, datetime | None, str]:
    return (contender.changed_at is not None, contender.changed_at, contender.id)


def build_wake_up(
    article_id: str, cause: str, time: datetime | None, trace: TraceContext | None
) -> Event:
    """Publishing's event to itself: the owner of the article's partition is to decide it."""
    return build_article_enriched(article_id, "publishing", cause, time, trace)
