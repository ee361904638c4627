"""/log: every act of a person, the latest first."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.web.console import Console
from services.console.web.page import Page
from shared.store import ActPosition

PAGE_SIZE: Final = 50
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def build_page(console: Console) -> Page:
    async def show(request: Request) -> Response:
        after = read_position(request.query_params.get("after", ""))
        acts = await console.store.history.list_acts(after=after, limit=PAGE_SIZE + 1)
        page = acts[:PAGE_SIZE]
        return console.render(
            request,
            "log.html",
            acts=page,
            is_first=after is None,
            next_position=write_position(page[-1].position) if len(acts) > PAGE_SIZE else "",
        )

    return Page("Log", "/log", [Route("/log", show)])


def write_position(position: ActPosition) -> str:
    micros = (position.at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}.{position.act_id}"


def read_position(text: str) -> ActPosition | None:
    """None for the beginning. Raises HTTPException (422) for what no page wrote."""
    if not text:
        return None
    try:
        micros, act_id = text.split(".", 1)
        return ActPosition(_EPOCH + timedelta(microseconds=int(micros)), act_id)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, "this is no place in the log: begin at its first page") from error
