"""Subscribers: other articles that show a picture which one article had fetched again.

Write the reference before reading the outcome; the fetcher does the reverse, so one side always
sees the other.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.events.picture_events import digest_url
from shared.store import Store

MAX_CLOCK_SKEW: Final = timedelta(minutes=5)  # between the clocks of two workers


async def find_subscribers(
    requested: Mapping[str, Collection[str]], since: datetime, store: Store
) -> dict[str, list[str]]:
    """The articles that show an outcome replaced after *since*, each with the causes.

    *requested* has the article ids that requested each key; they are left out, because they are
    notified anyway. The answer follows from the store alone, so a repeat gives the same.
    """
    replaced: dict[str, datetime] = {}
    for url, picture in (await store.pictures.get(requested)).items():
        if picture.replaced_at and picture.replaced_at > since - MAX_CLOCK_SKEW:
            replaced[url] = picture.replaced_at
    if not replaced:
        return {}
    causes: dict[str, list[str]] = {}
    referring = await store.pictures.find_referring_articles(replaced)
    for url, article_ids in referring.items():
        cause = f"{digest_url(url)}.{replaced[url]:%Y%m%dT%H%M%S.%f}"
        for article_id in article_ids:
            if article_id not in requested[url]:
                causes.setdefault(article_id, []).append(cause)
    return causes
