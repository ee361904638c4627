"""Pictures that several articles show: when one article has such a picture fetched anew, the others are told.

Whoever asks notes first that his article names the URL and looks at its outcome then; whoever fetches saves the outcome
first and looks then at who names it. So one of both sees the other.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.events.catalogue import name_of
from shared.store import Store

SKEW: Final = timedelta(minutes=5)  # that the clocks of two workers may differ by


async def concerned(
    asked: Mapping[str, Collection[str]], since: datetime, store: Store
) -> dict[str, list[str]]:
    """The articles that show an outcome which was replaced after *since*, when it was wanted, each with the causes.

    Without those that *asked* for it, by URL: they are told anyway. It follows from what is stored, so that a repeat
    tells the same.
    """
    pictures = await store.pictures.get(asked)
    anew = {
        url: one.replaced_at
        for url, one in pictures.items()
        if one.replaced_at and one.replaced_at > since - SKEW
    }
    causes: dict[str, list[str]] = {}
    for url, ids in (await store.pictures.naming(anew)).items() if anew else ():
        for article_id in ids:
            if article_id not in asked[url]:
                causes.setdefault(article_id, []).append(
                    f"{name_of(url)}.{anew[url]:%Y%m%dT%H%M%S.%f}"
                )
    return causes
