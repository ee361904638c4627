"""/log: every act of a person, the latest first."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.web.console import Console
from services.console.web.page import Page
from services.console.web.positions import read_act_position, write_act_position

PAGE_SIZE: Final = 50


def build_page(console: Console) -> Page:
    async def show(request: Request) -> Response:
        after = read_act_position(request.query_params.get("after", ""))
        acts = await console.store.history.list_acts(after=after, limit=PAGE_SIZE + 1)
        page = acts[:PAGE_SIZE]
        has_next = len(acts) > PAGE_SIZE
        next_position = write_act_position(page[-1].position) if has_next else ""
        return console.render(
            request,
            "log.html",
            acts=page,
            is_first=after is None,
            next_position=next_position,
        )

    return Page("Log", "/log", [Route("/log", show)])
