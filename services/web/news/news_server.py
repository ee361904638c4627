"""`GET /api/news…` and `/articles/{id}`: published articles as JSON, in the seed's names."""

from typing import Annotated, Final
from urllib.parse import quote, urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from services.web.http.conditional import respond
from services.web.http.parameters import MAX_KEY, Parameters, read_parameters, read_topic
from services.web.http.problems import build_problem
from services.web.news.page_marks import (
    PageMark,
    PageMarkText,
    format_page_mark,
    parse_page_mark,
)
from services.web.news.published_articles import ArticlePage, PublishedArticle, PublishedArticles
from shared.store import ListingQuery
from shared.store.ports.article.listings import Order
from shared.views.publishable import encode_json

JSON: Final = "application/json"
DEFAULT_SIZE: Final = 20
MAX_SIZE: Final = 50

Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY)]


class TopicParameters(Parameters):
    page: PageMarkText = "1"
    size: int = Field(
        DEFAULT_SIZE, ge=1, le=MAX_SIZE, description=f"Articles a page, from 1 to {MAX_SIZE}."
    )
    order: Order = Field("time", description="time: the latest first. heat: the hottest first.")


class NewsParameters(TopicParameters):
    topic: Key | None = Field(
        None, description=f"Only articles with this topic, of 1 to {MAX_KEY} characters."
    )
    provider: Key | None = Field(
        None,
        description=f"Only of this provider: its name or domain, of 1 to {MAX_KEY} characters.",
    )
    language: str | None = Field(
        None,
        pattern="^[A-Za-z]{2}$",
        description="Only in this language: a code of two letters, such as en.",
    )


class NewsServer:
    """The endpoints. Every answer reads the store."""

    def __init__(self, articles: PublishedArticles) -> None:
        self._articles = articles

    async def list_news(self, request: Request) -> Response:
        parameters = read_parameters(NewsParameters, request.query_params)
        query = ListingQuery(
            topic=parameters.topic or "",
            provider=parameters.provider or "",
            language=parameters.language or "",
            order=parameters.order,
        )
        return await self._list(request, parameters, query)

    async def list_topic(self, request: Request) -> Response:
        parameters = read_parameters(TopicParameters, request.query_params)
        query = ListingQuery(topic=read_topic(request), order=parameters.order)
        return await self._list(request, parameters, query)

    async def show_slug(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        article = await self._articles.find_by_slug(slug)
        return self._show(request, article, f"no published article has the slug {slug!r}")

    async def show_article(self, request: Request) -> Response:
        article_id = request.path_params["id"]
        article = await self._articles.get(article_id)
        return self._show(request, article, f"no published article has the id {article_id!r}")

    async def _list(
        self, request: Request, parameters: TopicParameters, query: ListingQuery
    ) -> Response:
        mark = parse_page_mark(parameters.page)
        # Asked before: what changes meanwhile is newer than the answer says, never older.
        changed_at = await self._articles.get_last_revised()
        page = await self._articles.list_page(query, mark.after, parameters.size)
        content = {
            "page": mark.number,
            "value": [article.fields for article in page.articles],
            "nextPage": _build_next_page(request, mark, page),
        }
        return respond(request, encode_json(content), JSON, changed_at)

    def _show(self, request: Request, article: PublishedArticle | None, problem: str) -> Response:
        read_parameters(Parameters, request.query_params)
        if article is None:
            return build_problem(404, problem)
        return respond(request, encode_json(article.fields), JSON, article.revised_at)


def _build_next_page(request: Request, mark: PageMark, page: ArticlePage) -> str | None:
    """The path and query of the next page, with the same parameters."""
    if page.end is None:
        return None
    given = dict(request.query_params)
    query = urlencode(given | {"page": format_page_mark(mark.next(page.end))})
    return f"{quote(request.url.path)}?{query}"
