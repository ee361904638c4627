"""`GET /feeds/…`: the latest published articles, of all topics or of one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.web.feeds import atom, json_feed, rss
from services.web.feeds.feed import Feed, build_entries
from services.web.http.conditional import respond
from services.web.http.parameters import read_topic
from services.web.news.published_articles import PublishedArticles
from shared.store import ListingQuery

ENTRIES: Final = 30
_NOTHING_YET: Final = datetime(1970, 1, 1, tzinfo=UTC)  # a feed must say when it changed


class FeedFormat(NamedTuple):
    media_type: str
    write: Callable[[Feed], bytes]


FORMATS: Final[Mapping[str, FeedFormat]] = {
    "atom.xml": FeedFormat(atom.MEDIA_TYPE, atom.write_atom),
    "rss.xml": FeedFormat(rss.MEDIA_TYPE, rss.write_rss),
    "feed.json": FeedFormat(json_feed.MEDIA_TYPE, json_feed.write_json_feed),
}


class FeedServer:
    """The endpoints. Every answer reads the store.

    *source* is the installation's own URI. *public_url* is where readers reach web; empty: where
    the request says. Unknown query parameters are no errors here, because readers add their own.
    """

    def __init__(self, articles: PublishedArticles, source: str, public_url: str = "") -> None:
        self._articles = articles
        self._source = source
        self._public_url = public_url

    async def answer(self, request: Request) -> Response:
        topic = read_topic(request) if "topic" in request.path_params else ""
        name = request.url.path.rpartition("/")[2]
        feed_format = FORMATS[name]
        changed_at = await self._articles.get_last_revised()
        page = await self._articles.list_page(ListingQuery(topic=topic), None, ENTRIES)
        base = self._public_url or str(request.base_url).rstrip("/")
        feed = Feed(
            id=f"{self._source}{quote(request.url.path)}",
            title=f"Published stories: {topic}" if topic else "Published stories",
            url=f"{base}{quote(request.url.path)}",
            home_url=f"{base}/api/news/topics/{quote(topic)}" if topic else f"{base}/api/news",
            updated_at=changed_at or _NOTHING_YET,
            entries=build_entries(page.articles, self._source),
        )
        return respond(request, feed_format.write(feed), feed_format.media_type, changed_at)
