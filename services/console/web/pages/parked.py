"""/parked: fetches that wait for their hosts; retried now, or given up."""

from collections import Counter
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.actions.pictures.parked import (
    ParkedSelection,
    address_of,
    give_up_parked,
    host_of,
    is_of_page,
    retry_parked,
)
from services.console.web.console import Console
from services.console.web.forms.submission import Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.page import Page

LISTED: Final = 100
LOOKED_AT: Final = 2_000  # for the hosts


def build_page(console: Console) -> Page:
    page = ParkedPage(console)
    routes = [
        Route("/parked", page.show),
        Route("/parked/retry", page.retry, methods=["POST"]),
        Route("/parked/give-up", page.give_up, methods=["POST"]),
    ]
    return Page("Parked", "/parked", routes)


class ParkedPage:
    """The list, of all hosts or of one, and its forms."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    async def show(self, request: Request) -> Response:
        work = await self._store.parked.list_earliest(LOOKED_AT)
        host = request.query_params.get("host", "")
        chosen = [fetch for fetch in work if host in ("", host_of(fetch))]
        hosts = Counter(host_of(fetch) for fetch in work)
        return self._console.render(
            request,
            "parked.html",
            count=await self._store.parked.count(),
            looked_at=len(work),
            host=host,
            hosts=hosts.most_common(30),
            fetches=chosen[:LISTED],
            chosen_count=len(chosen),
            host_of=host_of,
            is_of_page=is_of_page,
            address_of=address_of,
        )

    async def retry(self, request: Request) -> Response:
        async def perform(submission: Submission) -> Outcome:
            count = await retry_parked(self._store, _select(submission), submission.cause())
            return Outcome("/parked", f"{count} due now.")

        return await self._console.act(request, perform)

    async def give_up(self, request: Request) -> Response:
        async def perform(submission: Submission) -> Outcome:
            cause = submission.cause("the reason why it is given up")
            count = await give_up_parked(self._store, _select(submission), cause)
            return Outcome("/parked", f"{count} given up.")

        return await self._console.act(request, perform)


def _select(submission: Submission) -> ParkedSelection:
    """The picture that was chosen, or all of the host if none was."""
    article_id, _, key = submission.text("fetch").partition(" ")
    if key:
        return ParkedSelection(article_id, key)
    return ParkedSelection(host=submission.require("host", "a picture or a host"))
