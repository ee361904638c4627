"""/stories: the stories, the hottest or the latest first, a page at a time."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.stories.story_cards import list_story_cards
from services.console.sampling.sampler import INTERVAL_SECONDS
from services.console.web.console import Console
from services.console.web.live.broadcast import Broadcast
from services.console.web.page import Page
from services.console.web.positions import read_position, write_position
from shared.store import ListingQuery, Position

STATES: Final[Mapping[str, bool | None]] = {"published": True, "unpublished": False, "all": None}
ORDERS: Final = ("heat", "time")
FILTERS: Final = ("search", "topic", "provider", "language")
MAX_FILTER_CHARACTERS: Final = 200


def build_page(console: Console) -> Page:
    page = StoriesPage(console)
    routes = [Route("/stories", page.show), Route("/stories/live", page.stream)]
    return Page("Stories", "/stories", routes)


class StoriesPage:
    """The list, and a stream that counts what was published since a reader opened it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._broadcast = Broadcast(self._render_count, INTERVAL_SECONDS)
        console.broadcasts.append(self._broadcast)

    async def show(self, request: Request) -> Response:
        given = read_filters(request.query_params)
        after = read_position(request.query_params.get("after", ""))
        page = await list_story_cards(self._console.store, build_query(given), after)
        return self._console.render(
            request,
            "stories.html",
            cards=page.cards,
            given=given,
            is_first=after is None,
            first_page=f"/stories?{urlencode(given)}",
            next_page=_link_next(given, page.after),
            revisions=self._count_revisions(),
        )

    async def stream(self, request: Request) -> Response:
        return self._broadcast.respond()

    async def _render_count(self) -> str:
        return self._console.render_fragment("stories_live.html", revisions=self._count_revisions())

    def _count_revisions(self) -> int:
        """How many revisions were ever announced; 0 while nothing is known."""
        sample = self._console.sampler.latest
        return (sample.published_records if sample else None) or 0


def read_filters(parameters: Mapping[str, str]) -> dict[str, str]:
    """The filters of the page, every one of them. Raises HTTPException (422)."""
    given = {name: parameters.get(name, "").strip() for name in FILTERS}
    if any(len(value) > MAX_FILTER_CHARACTERS for value in given.values()):
        raise HTTPException(422, f"a filter has at most {MAX_FILTER_CHARACTERS} characters")
    given["state"] = parameters.get("state", "") or "published"
    given["order"] = parameters.get("order", "") or "heat"
    if given["state"] not in STATES or given["order"] not in ORDERS:
        raise HTTPException(422, "state is published, unpublished or all; order is heat or time")
    if given["search"]:
        given["order"] = "time"  # results of a search have no other order
    return given


def build_query(given: Mapping[str, str]) -> ListingQuery:
    return ListingQuery(
        is_published=STATES[given["state"]],
        topic=given["topic"],
        provider=given["provider"],
        language=given["language"],
        search=given["search"],
        order="time" if given["order"] == "time" else "heat",
    )


def _link_next(given: Mapping[str, str], after: Position | None) -> str:
    if after is None:
        return ""
    return f"/stories?{urlencode({**given, 'after': write_position(after)})}"
