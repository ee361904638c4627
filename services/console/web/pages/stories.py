"""/stories: the stories, the hottest or the latest first, a page at a time."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.stories.story_cards import list_story_cards
from services.console.sampling.sampler import INTERVAL_SECONDS
from services.console.web.broadcast import Broadcast
from services.console.web.console import Console
from services.console.web.forms.listing_filters import ListingFilters, build_query
from services.console.web.page import Page
from services.console.web.positions import read_position, write_position

FILTERS: Final = ListingFilters("/stories", published="yes", order="heat")


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
        given = FILTERS.read(request.query_params)
        after = read_position(request.query_params.get("after", ""))
        page = await list_story_cards(self._console.store, build_query(given), after)
        return self._console.render(
            request,
            "stories.html",
            cards=page.cards,
            given=given,
            is_first=after is None,
            first_page=FILTERS.link(given),
            next_page=FILTERS.link(given, write_position(page.after)) if page.after else "",
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
