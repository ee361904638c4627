"""The application: the pages, behind the gate."""

from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.console.actions.overtaken import Overtaken
from services.console.web.console import Console
from services.console.web.page import Page
from services.console.web.pages import (
    articles,
    drop,
    log,
    now,
    parked,
    runbook,
    sign_in,
    stories,
    story,
)
from services.console.web.pages.rejected import rejected_records
from services.console.web.security.gate import Gate
from services.console.web.security.headers import SecurityHeaders
from shared.errors import DependencyUnavailable, SeedwireError

# In the order of the navigation.
PAGES: Final[tuple[Callable[[Console], Page], ...]] = (
    now.build_page,
    stories.build_page,
    story.build_page,
    articles.build_page,
    rejected_records.build_page,
    parked.build_page,
    drop.build_page,
    log.build_page,
    runbook.build_page,
    sign_in.build_page,
)


def build_app(console: Console) -> Starlette:
    """Everything that the console serves."""
    console.pages = tuple(build(console) for build in PAGES)
    routes: list[BaseRoute] = [Route("/static/{name:path}", console.static.answer)]
    for page in console.pages:
        routes += page.routes
    settings = console.settings

    async def show_problem(request: Request, error: Exception) -> Response:
        status, sentence = describe_problem(request, error)
        return console.render(request, "problem.html", status, sentence=sentence)

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, find_picture_origin=lambda: console.pictures.origin),
            Middleware(
                Gate,
                visitors=console.visitors,
                hosts=settings.console_hosts,
                needs_sign_in=not settings.is_loopback,
            ),
        ],
        exception_handlers={HTTPException: show_problem, SeedwireError: show_problem},
    )


def describe_problem(request: Request, error: Exception) -> tuple[int, str]:
    """The status and the sentence for what went wrong."""
    if isinstance(error, HTTPException):
        if error.status_code == 404 and error.detail == "Not Found":
            return 404, f"there is nothing at {request.url.path}"
        return error.status_code, error.detail
    if isinstance(error, Overtaken):
        return 409, str(error)
    if isinstance(error, DependencyUnavailable):
        return 503, f"{error}: nothing is lost; try again in a moment"
    return 422, str(error)
