"""Every path that web answers, and what answers it."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.web.contract_server import ContractServer
from services.web.feeds.feed_server import FORMATS, FeedServer
from services.web.http.parameters import WrongParameter
from services.web.http.problems import answer_http_error, answer_store_unavailable
from services.web.news.news_server import NewsServer
from services.web.news.published_articles import PublishedArticles
from services.web.news.story_server import StoryServer
from services.web.openapi import OpenApiServer
from services.web.picture_server import PictureServer
from services.web.seeds.seed_openapi import SECURITY, build_seed_paths
from services.web.seeds.seed_server import SeedServer
from shared.contract_files import CONTRACT
from shared.errors import StoreUnavailable
from shared.settings import DEFAULT_SOURCE
from shared.store import Store


def build_app(
    store: Store,
    pictures: PictureServer | None = None,
    source: str = DEFAULT_SOURCE,
    public_url: str = "",
    seeds: SeedServer | None = None,
    contract: Path = CONTRACT,
) -> Starlette:
    """Everything that is served from *store*; without *seeds*, none are taken."""
    articles = PublishedArticles(store)
    news, stories = NewsServer(articles), StoryServer(store)
    feeds = FeedServer(articles, source, public_url)
    routes: list[BaseRoute] = [
        Route("/images/{sha256}", (pictures or PictureServer(store)).answer),
        Route("/api/news", news.list_news),
        Route("/api/news/topics/{topic:path}", news.list_topic),
        Route("/api/news/{slug}", news.show_slug),
        Route("/articles/{id}", news.show_article),
        Route("/stories/{id}", stories.show_story),
        Route("/contract/{path:path}", ContractServer(contract).answer),
    ]
    if seeds is None:
        routes.append(Route("/openapi.json", OpenApiServer({}, {}).answer))
    else:
        routes.append(Route("/seeds", seeds.drop, methods=["POST"]))
        routes.append(Route("/receipts/{id}", seeds.show_receipt))
        routes.append(Route("/openapi.json", OpenApiServer(build_seed_paths(), SECURITY).answer))
    for name in FORMATS:
        routes.append(Route(f"/feeds/{name}", feeds.answer))
        routes.append(Route(f"/feeds/topics/{{topic:path}}/{name}", feeds.answer))
    return Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: answer_http_error,
            WrongParameter: answer_wrong_parameter,
            StoreUnavailable: answer_store_unavailable,
        },
    )


def answer_wrong_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongParameter)
    return error.response
