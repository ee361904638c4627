"""When the drops of articles came that are published for the first time: for metrics alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.store import DecisionWrite, StoredArticle

# Producers write any time stamp they like: one is believed if ingest took the drop within a day.
MAX_WAIT: Final = timedelta(days=1)


def find_drop_times(
    articles: Iterable[StoredArticle], writes: Iterable[DecisionWrite]
) -> dict[str, datetime]:
    """Those of the articles whose first decision, among *writes*, publishes them, by id.

    Who is published by a later decision was not on its way from the drop.
    """
    published = set()
    for write in writes:
        if write.revision is not None and write.decision.stamp == 1:
            published.add(write.decision.article_id)
    chosen = [article for article in articles if article.id in published]
    return {article.id: estimate_drop_time(article) for article in chosen}


def estimate_drop_time(article: StoredArticle) -> datetime:
    """The time stamp of the drop that gave the article its version, or when ingest took it."""
    taken_at = article.changed_at
    if not article.answered_drops or article.answered_drops[-1].is_time_assumed:
        return taken_at
    stamp_ms = article.answered_drops[-1].timestamp_ms
    earliest, latest = _to_ms(taken_at - MAX_WAIT), _to_ms(taken_at)
    if not earliest <= stamp_ms <= latest:
        return taken_at
    return datetime.fromtimestamp(stamp_ms / 1000, UTC)


def _to_ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
