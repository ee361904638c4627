"""What images does: plans which pictures an article waits for, fetches them, and takes parked ones up again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from services.enrichment.images.network.urls import host_of
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.required_urls import PAGE, named, wants
from services.enrichment.images.storing.subscribers import concerned
from shared import failpoints
from shared.broker.records import Event, ParkedDone, Record
from shared.clock import Clock
from shared.events.catalogue import article_ids, enriched, name_of, wanted, wanted_pictures
from shared.found import lacks_picture, page_address
from shared.store import Page, Parked, Picture, Store, StoredArticle

LEASE = timedelta(minutes=15)  # what is claimed goes through a topic before it is tried
AT_ONCE = 500  # pieces of parked work
OVERDUE = timedelta(minutes=10)  # pending for so long: its event was lost, or there is much to do


class Images:
    """The handlers and the chores. Each may be repeated at any point. *pages*: whether pages of articles are read."""

    def __init__(self, desk: Desk, clock: Clock, pages: bool = False) -> None:
        self._desk = desk
        self._clock = clock
        self._pages = pages

    async def plan(self, records: Sequence[Record], store: Store) -> list[Event]:
        """For announced articles: one event for each picture they wait for, to the owner of its host.

        What waits for a host that is to be left alone, as far as this process knows, is parked here and now.
        """
        articles = await store.articles.get(article_ids(records))
        return await self._plan([*articles.values()], store)

    async def fetch(self, records: Sequence[Record], store: Store) -> list[Event]:
        """Brings wanted pictures and pages to their outcome. What an article waited for last completes it.

        Outcomes are saved first and the article is looked at after that: of two processes that finish its last two
        pictures at once, one at least sees both. What a page names is wanted next, one picture at a time.
        """
        asked = wanted_pictures(records)
        await failpoints.reached("parsed")
        finished = await self._desk.bring(asked, store)
        await failpoints.reached("fetched")
        articles = await store.articles.get({one for ids in asked.values() for one in ids})
        left = await self._left(articles.values(), store)
        complete = {
            article.id: article.version for article in articles.values() if not left[article.id]
        }
        others = await concerned(asked, min(record.timestamp for record in records), store)
        return [*_next(articles.values(), left), *await _told(complete, finished, store, others)]

    async def take_up(self, store: Store) -> list[Event]:
        """Parked work whose time has come goes to the owner of its host. It stays parked until it has an outcome."""
        work = await store.parked.claim(self._clock(), LEASE, AT_ONCE)
        await failpoints.reached("claimed")
        articles = await store.articles.get({piece.article_id for piece in work})
        wishes = self._wishes(articles.values(), *await self._known(articles.values(), store))
        dropped = {piece for piece in work if piece.url not in wishes.get(piece.article_id, ())}
        await store.parked.done([*dropped])  # the article has other pictures now
        left = [piece for piece in work if piece not in dropped]
        put_off = await self._desk.put_off(
            _by_url((piece.article_id, piece.url) for piece in left), store
        )
        return [_again(piece) for piece in left if piece.url not in put_off]

    async def sweep(self, store: Store) -> list[Event]:
        """Plans articles anew that have waited for their pictures for long."""
        return await self._plan(
            await store.articles.waiting("images", self._clock() - OVERDUE), store
        )

    async def _plan(self, articles: Sequence[StoredArticle], store: Store) -> list[Event]:
        await store.pictures.note({article.id: named(article.article) for article in articles})
        wishes, _, _ = await self._wished(articles, store)
        missing = await self._desk.missing({url for urls in wishes.values() for url in urls}, store)
        parked = {(piece.article_id, piece.url) for piece in await store.parked.on(missing)}
        left = {
            one: [u for u in urls if u in missing and (one, u) not in parked]
            for one, urls in wishes.items()
        }
        put_off = await self._desk.put_off(
            _by_url((one, url) for one, urls in left.items() for url in urls), store
        )
        asked = [
            _asked(article, url)
            for article in articles
            for url in left[article.id]
            if url not in put_off
        ]
        complete = {
            article.id: article.version
            for article in articles
            if put_off.issuperset(left[article.id])
        }
        return [*asked, *await _told(complete, (), store)]

    async def _left(
        self, articles: Collection[StoredArticle], store: Store
    ) -> dict[str, list[str]]:
        """What each article waits for that has no outcome and is not parked."""
        wishes, pictures, pages = await self._wished(articles, store)
        open_still = (
            {url for urls in wishes.values() for url in urls}
            - pictures.keys()
            - {PAGE + url for url in pages}
        )
        parked = {(piece.article_id, piece.url) for piece in await store.parked.on(open_still)}
        return {
            one: [u for u in urls if u in open_still and (one, u) not in parked]
            for one, urls in wishes.items()
        }

    async def _wished(
        self, articles: Collection[StoredArticle], store: Store
    ) -> tuple[dict[str, list[str]], dict[str, Picture], dict[str, Page]]:
        """What they wait for, and what is known of it; what their pages name is noted before that is looked at."""
        pictures, pages = await self._known(articles, store)
        addresses = (
            {article.id: page_address(article.article) for article in articles} if pages else {}
        )
        found = {
            one: pages[address].images for one, address in addresses.items() if address in pages
        }
        if any(found.values()):
            await store.pictures.note(found)
            pictures, pages = await self._known(articles, store)
        return self._wishes(articles, pictures, pages), pictures, pages

    def _wishes(
        self,
        articles: Collection[StoredArticle],
        pictures: Mapping[str, Picture],
        pages: Mapping[str, Page],
    ) -> dict[str, list[str]]:
        """What each article waits for or has got, as far as what is known leads."""
        if not self._pages:
            return {article.id: named(article.article) for article in articles}
        return {article.id: wants(article.article, pictures, pages) for article in articles}

    async def _known(
        self, articles: Collection[StoredArticle], store: Store
    ) -> tuple[dict[str, Picture], dict[str, Page]]:
        """The outcomes of all that these articles may want; pages of those alone that have no picture to be had."""
        pictures = await store.pictures.get(
            {url for article in articles for url in named(article.article)}
        )
        lacking = [
            article.article
            for article in articles
            if self._pages and lacks_picture(article.article, pictures)
        ]
        pages = await store.pages.get(
            {url for article in lacking if (url := page_address(article))}
        )
        found = {url for page in pages.values() for url in page.images} - pictures.keys()
        return pictures | (await store.pictures.get(found) if found else {}), pages


def _next(articles: Collection[StoredArticle], left: Mapping[str, list[str]]) -> list[Event]:
    """What is wanted now that it is known: the seed's own pictures were asked for when the article was planned."""
    return [
        _asked(article, url)
        for article in articles
        for url in left[article.id]
        if url not in set(named(article.article))
    ]


def _by_url(wishes: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """For each URL the ids of articles that wish for it, from pairs of article and URL."""
    wanted: dict[str, list[str]] = {}
    for article_id, url in wishes:
        wanted.setdefault(url, []).append(article_id)
    return wanted


def _asked(article: StoredArticle, url: str) -> Event:
    return wanted(article.id, url, _host(url), f"v{article.version}")


def _host(url: str) -> str:
    return host_of(url.removeprefix(PAGE))


async def _told(
    complete: Mapping[str, int],
    finished: Iterable[Parked],
    store: Store,
    others: Mapping[str, Sequence[str]] = {},
) -> list[Event]:
    """*complete* articles are through this stage; they, those of *finished* pieces, and their relatives are told.

    So are *others*, each with the causes that it shows something else now. A piece is forgotten only once its event is
    acknowledged: a crash before that leaves it to the next claim.
    """
    pieces = list(finished)
    shown_in = await _shown_in({*complete, *(piece.article_id for piece in pieces), *others}, store)
    await store.articles.enriched("images", complete, set().union(*shown_in.values()))
    await failpoints.reached("saved")
    causes = [(article_id, f"{article_id}.v{version}") for article_id, version in complete.items()]
    causes += [
        (article_id, f"{article_id}.{cause}")
        for article_id, several in others.items()
        for cause in several
    ]
    through = [
        enriched(other, "images", cause)
        for article_id, cause in causes
        for other in shown_in[article_id]
    ]
    return [
        *through,
        *(event for piece in pieces for event in _taken_up(piece, shown_in[piece.article_id])),
    ]


async def _shown_in(ids: Collection[str], store: Store) -> dict[str, list[str]]:
    """For each article the articles that show its pictures: its own id first, then its relatives'."""
    links = await store.relations.links(ids)
    return {one: [one, *sorted({link.other(one) for link in near})] for one, near in links.items()}


def _again(piece: Parked) -> Event:
    return wanted(
        piece.article_id, piece.url, _host(piece.url), f"again{piece.attempts}", again=True
    )


def _taken_up(piece: Parked, shown_in: Sequence[str]) -> list[Event]:
    cause = f"{piece.article_id}.{name_of(piece.url)}.{piece.attempts}"
    settles = {piece.article_id: ParkedDone(piece)}
    return [enriched(other, "images", cause, settles.get(other)) for other in shown_in]
