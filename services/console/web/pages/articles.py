"""/articles: the list, with filters, search and keyset paging; one article with its history."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.article_page import load_article_page
from services.console.actions.articles import ArticleNotFound
from services.console.web.console import Console
from services.console.web.page import Page
from shared.store import ListingQuery, Position

PAGE_SIZE: Final = 50
THUMBNAIL_WIDTH: Final = 320
_FILTERS: Final = ("q", "published", "topic", "provider", "language", "order")
_PUBLISHED: Final = {"yes": True, "no": False}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS: Final = (
    "type", "category", "excerpt", "publishedDateTime", "quality", "topics", "url",
    "originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl", "provider", "featuredContent", "body",
    "extra",
)  # fmt: skip
_MAX_VALUE_CHARACTERS: Final = 4_000


def build_page(console: Console) -> Page:
    async def show_list(request: Request) -> Response:
        filters = _read_filters(request.query_params)
        query = build_query(filters)
        after = read_position(request.query_params.get("after", ""))
        found = await console.store.listings.find(query, after, PAGE_SIZE + 1)
        page = found[:PAGE_SIZE]
        next_link = ""
        if len(found) > PAGE_SIZE:
            next_link = _link({**filters, "after": write_position(page[-1].position)})
        return console.render(
            request,
            "articles.html",
            listings=page,
            filters=filters,
            is_first=after is None,
            first_link=_link(filters),
            next_link=next_link,
            link=lambda **changed: _link({**filters, **changed}),
        )

    async def show_article(request: Request) -> Response:
        try:
            page = await load_article_page(console.store, request.path_params["article_id"])
        except ArticleNotFound as error:
            raise HTTPException(404, "there is no such article") from error
        return console.render(
            request,
            "article.html",
            page=page,
            fields=_list_fields(page.view or {}),
            thumbnail_width=THUMBNAIL_WIDTH,
            as_text=_as_text,
        )

    return Page(
        "Articles",
        "/articles",
        [
            Route("/articles", show_list),
            Route("/articles/{article_id:path}", show_article),
        ],
    )


def build_query(filters: dict[str, str]) -> ListingQuery:
    """Results of a search are in the order of time, whatever was asked for."""
    is_by_heat = filters["order"] == "heat" and not filters["q"]
    return ListingQuery(
        is_published=_PUBLISHED.get(filters["published"]),
        topic=filters["topic"],
        provider=filters["provider"],
        language=filters["language"],
        search=filters["q"],
        order="heat" if is_by_heat else "time",
    )


def write_position(position: Position) -> str:
    """For example `86.1772452800000000.a2r5kqx6tqhcl4xzr6wpo`."""
    micros = (position.published_at - _EPOCH) // timedelta(microseconds=1)
    return f"{position.heat}.{micros}.{position.article_id}"


def read_position(text: str) -> Position | None:
    """None for the beginning. Raises HTTPException (422) for what no page wrote."""
    if not text:
        return None
    try:
        heat, micros, article_id = text.split(".", 2)
        at = _EPOCH + timedelta(microseconds=int(micros))
        return Position(int(heat), at, article_id)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, "this is no place in the list: begin at its first page") from error


def _read_filters(query: QueryParams) -> dict[str, str]:
    return {name: query.get(name, "").strip()[:500] for name in _FILTERS}


def _link(values: dict[str, str]) -> str:
    given = {name: value for name, value in values.items() if value}
    return f"/articles?{urlencode(given)}" if given else "/articles"


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
