"""What images does with a batch of announced articles, and with parked work whose time has come."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from services.enrichment.images.desk import Desk
from shared import failpoints
from shared.broker.records import Event, ParkedDone, Record
from shared.clock import Clock
from shared.events import article_ids, enriched
from shared.store import Parked, Store, StoredArticle

LEASE = timedelta(minutes=5)  # the pieces of one claim take two minutes at the most
AT_ONCE = 50  # pieces of parked work


class Images:
    """The handler and the chore. Each may be repeated at any point."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def handle(self, records: Sequence[Record], store: Store) -> list[Event]:
        articles = await store.articles.get(article_ids(records))
        await failpoints.reached("parsed")
        await self._desk.fetch_new(_wanted(articles.values()), store)
        await failpoints.reached("fetched")
        done = {article_id: article.version for article_id, article in articles.items()}
        shown_in = await _shown_in(articles, store)
        await store.articles.enriched("images", done, set().union(*shown_in.values()))
        await failpoints.reached("saved")
        return [
            enriched(other, "images", f"{article_id}.v{done[article_id]}")
            for article_id, others in shown_in.items()
            for other in others
        ]

    async def take_up(self, store: Store) -> list[Event]:
        """Try parked work again; whoever shows a picture that now has an outcome is decided anew.

        Work is forgotten only once its events are acknowledged: a crash before that leaves it to the next claim.
        """
        work = await store.parked.claim(self._clock(), LEASE, AT_ONCE)
        await failpoints.reached("claimed")
        finished = await self._desk.take_up(work, store)
        await failpoints.reached("taken-up")
        shown_in = await _shown_in({piece.article_id for piece in finished}, store)
        await store.articles.enriched("images", {}, set().union(*shown_in.values()))
        await failpoints.reached("taken-up.saved")
        return [event for piece in finished for event in _taken_up(piece, shown_in[piece.article_id])]


def _wanted(articles: Iterable[StoredArticle]) -> dict[str, list[str]]:
    """Every picture URL with the articles that name it. A provider's logo is input, and not ours to fetch."""
    wanted: dict[str, list[str]] = {}
    for stored in articles:
        for url in dict.fromkeys(image.url for image in stored.article.images):
            wanted.setdefault(url, []).append(stored.id)
    return wanted


async def _shown_in(ids: Collection[str], store: Store) -> dict[str, list[str]]:
    """For each article the articles that show its pictures: its own id first, then its relatives'."""
    links = await store.relations.links(ids)
    return {one: [one, *sorted({link.other(one) for link in near})] for one, near in links.items()}


def _taken_up(piece: Parked, shown_in: Sequence[str]) -> list[Event]:
    url = hashlib.sha256(piece.url.encode()).hexdigest()[:12]
    cause = f"{piece.article_id}.{url}.{piece.attempts}"
    settles = {piece.article_id: ParkedDone(piece)}
    return [enriched(other, "images", cause, settles.get(other)) for other in shown_in]
