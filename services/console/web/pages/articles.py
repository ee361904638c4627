"""/articles: the list, with filters, search and keyset paging; one article with its history."""

import json
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.articles.article_page import load_article_page
from services.console.actions.articles.known_articles import ArticleNotFound
from services.console.web.console import Console
from services.console.web.forms.listing_filters import ListingFilters, build_query
from services.console.web.page import Page
from services.console.web.positions import read_position, write_position

PAGE_SIZE: Final = 50
THUMBNAIL_WIDTH: Final = 320
FILTERS: Final = ListingFilters("/articles", published="all", order="time")
_FIELDS: Final = (
    "type", "category", "excerpt", "publishedDateTime", "quality", "topics", "url",
    "originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl", "provider", "featuredContent", "body",
    "extra",
)  # fmt: skip
_MAX_VALUE_CHARACTERS: Final = 4_000


def build_page(console: Console) -> Page:
    pages = ArticlePages(console)
    routes = [
        Route("/articles", pages.show_list),
        Route("/articles/{article_id:path}", pages.show_article),
    ]
    return Page("Articles", "/articles", routes)


class ArticlePages:
    """The list, and one article."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    async def show_list(self, request: Request) -> Response:
        given = FILTERS.read(request.query_params)
        after = read_position(request.query_params.get("after", ""))
        found = await self._store.listings.find(build_query(given), after, PAGE_SIZE + 1)
        page = found[:PAGE_SIZE]
        next_link = ""
        if len(found) > PAGE_SIZE:
            next_link = FILTERS.link(given, write_position(page[-1].position))
        return self._console.render(
            request,
            "articles.html",
            listings=page,
            given=given,
            is_first=after is None,
            first_link=FILTERS.link(given),
            next_link=next_link,
        )

    async def show_article(self, request: Request) -> Response:
        try:
            page = await load_article_page(self._store, request.path_params["article_id"])
        except ArticleNotFound as error:
            raise HTTPException(404, "there is no such article") from error
        return self._console.render(
            request,
            "article.html",
            page=page,
            fields=_list_fields(page.view or {}),
            thumbnail_width=THUMBNAIL_WIDTH,
            as_text=_as_text,
        )


def _list_fields(view: dict[str, Any]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for name in _FIELDS:
        value = view.get(name)
        if value not in (None, "", [], {}):
            fields.append((name, _as_text(value)))
    return fields


def _write_value(value: Any) -> str:
    """A list of texts with commas, anything else as JSON."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else _write_value(value)
    if len(text) <= _MAX_VALUE_CHARACTERS:
        return text
    return f"{text[:_MAX_VALUE_CHARACTERS]}… ({len(text):,} characters)"
