"""Parked fetches: shown, retried now, or given up.

Both acts claim the work first, so that no worker fetches it meanwhile. After a crash in between the
lease ends, and the work is as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from services.console.actions.acts import ActCause, perform
from services.console.actions.overtaken import Overtaken
from services.console.actions.timestamps import format_timestamp
from services.enrichment.images.fetch_outcome import Failure, FailureKind
from services.enrichment.images.fetching.fetch_keys import host_of_key, is_page_key, url_of
from shared.clock import now
from shared.store import ParkedFetch, Picture, Store, WebPage

LEASE: Final = timedelta(minutes=1)
LOOKED_AT: Final = 2_000  # of one host's work, which is looked for among the earliest
GIVEN_UP: Final = str(Failure(FailureKind.GAVE_UP, "an operator gave it up"))


@dataclass(frozen=True)
class ParkedSelection:
    """Which parked fetches an act is on: those of one article and key, or all of a host."""

    article_id: str = ""
    key: str = ""
    host: str = ""

    async def find(self, store: Store) -> list[ParkedFetch]:
        """Raises Overtaken if there is none, for it was fetched or given up meanwhile."""
        if self.key:
            found = await store.parked.find_by_urls([self.key])
            chosen = [fetch for fetch in found if self.article_id in ("", fetch.article_id)]
        else:
            earliest = await store.parked.list_earliest(LOOKED_AT)
            chosen = [fetch for fetch in earliest if host_of_key(fetch.url) == self.host]
        if not chosen:
            raise Overtaken(f"nothing is parked for {self.key or self.host} any more")
        return chosen


async def retry_parked(store: Store, selection: ParkedSelection, cause: ActCause) -> int:
    """Have these fetches made now: they are due from now on. Returns how many.

    Those that a worker makes at this moment are left to it.
    """
    chosen = await selection.find(store)

    async def retry() -> int:
        claimed = await store.parked.claim_named(chosen, now(), LEASE)
        await store.parked.park([replace(fetch, due=now(), claim="") for fetch in claimed])
        return len(claimed)

    return await perform(
        store,
        "retry",
        cause,
        retry,
        subjects=_list_articles(chosen),
        describe=lambda count: f"{count} of {len(chosen)} due now",
        details=lambda _: _describe_selection(chosen),
    )


async def give_up_parked(store: Store, selection: ParkedSelection, cause: ActCause) -> int:
    """Have these fetches made no more: their pictures failed. Returns how many.

    As of every failed picture, it is asked for again when an article still names it long after.
    """
    chosen = await selection.find(store)

    async def give_up() -> int:
        claimed = await store.parked.claim_named(chosen, now(), LEASE)
        for key in {fetch.url for fetch in claimed}:
            await _save_failure(store, key)
        await store.parked.remove(claimed)
        return len(claimed)

    return await perform(
        store,
        "give-up",
        cause,
        give_up,
        subjects=_list_articles(chosen),
        describe=lambda count: f"{count} of {len(chosen)} given up",
        details=lambda _: _describe_selection(chosen),
    )


def host_of(fetch: ParkedFetch) -> str:
    """The host that it waits for."""
    return host_of_key(fetch.url)


def is_of_page(fetch: ParkedFetch) -> bool:
    """Whether it is for a web page, which may name a picture, and not for a picture."""
    return is_page_key(fetch.url)


def address_of(fetch: ParkedFetch) -> str:
    """The URL of the picture or web page."""
    return url_of(fetch.url)


def describe_parked(fetch: ParkedFetch) -> dict[str, Any]:
    """The fetch as JSON values."""
    return {
        "articleId": fetch.article_id,
        "host": host_of_key(fetch.url),
        "key": fetch.url,
        "due": format_timestamp(fetch.due),
        "attempts": fetch.attempts,
        "reason": fetch.reason,
    }


async def _save_failure(store: Store, key: str) -> None:
    """Unless there is an outcome by now: another article's fetch may have had more luck."""
    if is_page_key(key):
        url = url_of(key)
        if not await store.web_pages.get([url]):
            await store.web_pages.save(WebPage(url, "failed", now(), reason=GIVEN_UP))
    elif not await store.pictures.get([key]):
        await store.pictures.save(Picture(key, "failed", now(), reason=GIVEN_UP, failures=1))


def _list_articles(fetches: Sequence[ParkedFetch]) -> list[str]:
    return sorted({fetch.article_id for fetch in fetches})


def _describe_selection(fetches: Sequence[ParkedFetch]) -> dict[str, Any]:
    hosts = sorted({host_of_key(fetch.url) for fetch in fetches})
    return {"hosts": hosts[:20], "example": fetches[0].url[:500], "count": len(fetches)}
