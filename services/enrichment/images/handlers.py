"""What images does: plans which pictures an article waits for, fetches them, and takes parked ones up again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from services.enrichment.images.desk import Desk
from services.enrichment.images.fetching import host_of
from shared import failpoints
from shared.broker.records import Event, ParkedDone, Record
from shared.clock import Clock
from shared.events import article_ids, enriched, name_of, wanted, wanted_pictures
from shared.store import Parked, Store, StoredArticle

LEASE = timedelta(minutes=15)  # what is claimed goes through a topic before it is tried
AT_ONCE = 500  # pieces of parked work
OVERDUE = timedelta(minutes=10)  # pending for so long: its event was lost, or there is much to do


class Images:
    """The handlers and the chores. Each may be repeated at any point."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def plan(self, records: Sequence[Record], store: Store) -> list[Event]:
        """For announced articles: one event for each picture they wait for, to the owner of its host."""
        articles = await store.articles.get(article_ids(records))
        return await self._plan([*articles.values()], store)

    async def fetch(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Brings wanted pictures to their outcome. What an article waited for last completes it.

        Outcomes are saved first and the article is looked at after that: of two processes that finish its last two
        pictures at once, one at least sees both.
        """
        asked = wanted_pictures(records)
        await failpoints.reached("parsed")
        finished = await self._desk.bring(asked, store)
        await failpoints.reached("fetched")
        articles = await store.articles.get({one for ids in asked.values() for one in ids})
        complete = await _complete(articles.values(), store)
        return await _told(complete, finished, store)

    async def take_up(self, store: Store) -> list[Event]:
        """Parked work whose time has come goes to the owner of its host. It stays parked until it has an outcome."""
        work = await store.parked.claim(self._clock(), LEASE, AT_ONCE)
        await failpoints.reached("claimed")
        articles = await store.articles.get({piece.article_id for piece in work})
        named = {(article.id, url) for article in articles.values() for url in urls(article)}
        dropped = [piece for piece in work if (piece.article_id, piece.url) not in named]
        await store.parked.done(dropped)  # the article has other pictures now
        return [_again(piece) for piece in work if piece not in dropped]

    async def sweep(self, store: Store) -> list[Event]:
        """Plans articles anew that have waited for their pictures for long."""
        return await self._plan(await store.articles.waiting("images", self._clock() - OVERDUE), store)

    async def _plan(self, articles: Sequence[StoredArticle], store: Store) -> list[Event]:
        missing = await self._desk.missing({url for article in articles for url in urls(article)}, store)
        parked = {(piece.article_id, piece.url) for piece in await store.parked.on(missing)}
        wants = {a.id: [u for u in urls(a) if u in missing and (a.id, u) not in parked] for a in articles}
        asked = [wanted(a.id, url, host_of(url), f"v{a.version}") for a in articles for url in wants[a.id]]
        complete = {article.id: article.version for article in articles if not wants[article.id]}
        return [*asked, *await _told(complete, (), store)]


def urls(article: StoredArticle) -> list[str]:
    """The pictures of an article. A provider's logo is input, and not ours to fetch."""
    return list(dict.fromkeys(image.url for image in article.article.images))


async def _complete(articles: Collection[StoredArticle], store: Store) -> dict[str, int]:
    """The articles, with their versions, each of whose pictures has an outcome or is parked."""
    named = {url for article in articles for url in urls(article)}
    known = await store.pictures.get(named)
    parked = {(piece.article_id, piece.url) for piece in await store.parked.on(named - known.keys())}
    return {a.id: a.version for a in articles if all(u in known or (a.id, u) in parked for u in urls(a))}


async def _told(complete: Mapping[str, int], finished: Iterable[Parked], store: Store) -> list[Event]:
    """*complete* articles are through this stage; they, those of *finished* pieces, and their relatives are told.

    A piece is forgotten only once its event is acknowledged: a crash before that leaves it to the next claim.
    """
    pieces = list(finished)
    shown_in = await _shown_in({*complete, *(piece.article_id for piece in pieces)}, store)
    await store.articles.enriched("images", complete, set().union(*shown_in.values()))
    await failpoints.reached("saved")
    through = [
        enriched(other, "images", f"{article_id}.v{version}")
        for article_id, version in complete.items()
        for other in shown_in[article_id]
    ]
    return [*through, *(event for piece in pieces for event in _taken_up(piece, shown_in[piece.article_id]))]


async def _shown_in(ids: Collection[str], store: Store) -> dict[str, list[str]]:
    """For each article the articles that show its pictures: its own id first, then its relatives'."""
    links = await store.relations.links(ids)
    return {one: [one, *sorted({link.other(one) for link in near})] for one, near in links.items()}


def _again(piece: Parked) -> Event:
    return wanted(piece.article_id, piece.url, host_of(piece.url), f"again{piece.attempts}")


def _taken_up(piece: Parked, shown_in: Sequence[str]) -> list[Event]:
    cause = f"{piece.article_id}.{name_of(piece.url)}.{piece.attempts}"
    settles = {piece.article_id: ParkedDone(piece)}
    return [enriched(other, "images", cause, settles.get(other)) for other in shown_in]
