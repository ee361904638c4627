"""/stories/{id}: one story, why its articles belong together, and what an editor may do to it."""

import asyncio
from importlib import import_module
from typing import Any, Final, get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.console.actions.articles.known_articles import ArticleNotFound
from services.console.actions.stories.known_stories import StoryNotFound
from services.console.actions.stories.story_acts import StoryAct, carry_out, undo
from services.console.actions.stories.story_members import count_waiting_members
from services.console.actions.stories.story_preview import preview_act
from services.console.actions.stories.story_view import view_story
from services.console.counts import format_count
from services.console.web.console import Console
from services.console.web.forms.submission import FieldMissing, Submission
from services.console.web.forms.write_once import Outcome
from services.console.web.page import Page
from shared.store import OverrideKind

# Its import loads linking, which takes a second: only who asks why waits for it.
EXPLANATION: Final = "services.console.actions.stories.explain_pair"

REASON: Final = "a reason"  # editors owe it to each other

VERBS: Final = {
    "split": "split off",
    "merge": "merge",
    "pin": "keep together",
    "block": "keep apart",
}


def build_page(console: Console) -> Page:
    page = StoryPage(console)
    routes = [
        Route("/stories/{id}", page.show),
        Route("/stories/{id}/state", page.show_state),
        Route("/stories/{id}/why", page.explain),
        Route("/stories/{id}/preview", page.preview, methods=["POST"]),
        Route("/stories/{id}/act", page.act, methods=["POST"]),
        Route("/stories/{id}/undo", page.undo, methods=["POST"]),
    ]
    return Page("", "/stories/{id}", routes)


class StoryPage:
    """The page of a story, and its forms: a preview first, then the act with a reason."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._store = console.store

    async def show(self, request: Request) -> Response:
        story_id = request.path_params["id"]
        try:
            view = await view_story(self._store, story_id)
        except StoryNotFound as error:
            raise HTTPException(404, str(error)) from None
        if view.superseded_by and "ended" not in request.query_params:
            return RedirectResponse(f"/stories/{view.superseded_by}?was={story_id}", 303)
        return self._console.render(request, "story.html", view=view)

    async def show_state(self, request: Request) -> Response:
        """Whether the story is settled; once it is, htmx loads the page again."""
        members = await self._store.stories.get_members([request.path_params["id"]])
        waiting = await count_waiting_members(self._store, members[request.path_params["id"]])
        headers = {} if waiting else {"HX-Refresh": "true"}
        fragment = self._console.render_fragment(
            "story_state.html", waiting=waiting, story_id=request.path_params["id"]
        )
        return Response(fragment, media_type="text/html", headers=headers)

    async def explain(self, request: Request) -> Response:
        """Why two articles are linked or not, in words."""
        first, second = (request.query_params.get(name, "") for name in ("first", "second"))
        explanation: Any = await asyncio.to_thread(import_module, EXPLANATION)
        try:
            pair = await explanation.explain_pair(self._store, first, second)
        except ArticleNotFound as error:
            raise HTTPException(404, str(error)) from None
        return self._console.render(
            request, "pair.html", pair=pair, story_id=request.path_params["id"]
        )

    async def preview(self, request: Request) -> Response:
        submission = await self._console.read(request)
        act = read_act(request, submission)
        preview = await preview_act(self._store, act)
        return self._console.render(
            request, "story_preview.html", act=act, preview=preview, verb=VERBS[act.kind]
        )

    async def act(self, request: Request) -> Response:
        async def perform(submission: Submission) -> Outcome:
            act = read_act(request, submission)
            override = await carry_out(self._store, act, submission.cause(REASON))
            articles = format_count(len(override.article_ids), "article")
            notice = f"Saved: {VERBS[act.kind]}, on {articles}. Linking applies it now."
            return Outcome(f"/stories/{act.story_id}", notice)

        return await self._console.act(request, perform)

    async def undo(self, request: Request) -> Response:
        story_id = request.path_params["id"]

        async def perform(submission: Submission) -> Outcome:
            override_id = submission.require("override", "the override to undo")
            await undo(self._store, story_id, override_id, submission.cause(REASON))
            notice = "Undone. Linking looks at the articles again, as if it had never been."
            return Outcome(f"/stories/{story_id}", notice)

        return await self._console.act(request, perform)


def read_act(request: Request, submission: Submission) -> StoryAct:
    """The act that a form asks for. Raises FieldMissing."""
    kind: Any = submission.text("kind")
    if kind not in get_args(OverrideKind):
        raise FieldMissing("it is missing what is to be done")
    return StoryAct(
        kind,
        request.path_params["id"],
        submission.number("seen"),
        tuple(submission.texts("article")),
        submission.text("other"),
    )
