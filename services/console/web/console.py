"""What every page of the console works with: the store, the templates, and how a form is taken."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.console.sampling.samples import Sample
from services.console.web.broadcast import Broadcast
from services.console.web.forms.fingerprint import fingerprint_form
from services.console.web.forms.submission import Submission, read_fields
from services.console.web.forms.write_once import Outcome, WriteOnce
from services.console.web.page import Page
from services.console.web.rendering.picture_origin import PictureOrigin
from services.console.web.rendering.static_files import StaticFiles
from services.console.web.rendering.templates import build_environment
from services.console.web.security.visitors import Visitor, Visitors
from services.console.web.settings import ConsoleSettings
from shared.concurrency.background import run_beside
from shared.store import Store

Perform = Callable[[Submission], Awaitable[Outcome]]

MIN_KEY_CHARACTERS: Final = 16
MAX_KEY_CHARACTERS: Final = 64
_FORM_FIELDS: Final = Markup(
    '<input type="hidden" name="csrf" value="{}"><input type="hidden" name="key" value="{}">'
)


class Measurements(Protocol):
    """What the sampler has measured: it answers at once, and asks nobody."""

    @property
    def latest(self) -> Sample | None: ...

    @property
    def history(self) -> Sequence[Sample]: ...


class Console:
    """Collaborators of the pages. *pages* and *broadcasts* are filled when the app is built."""

    def __init__(
        self,
        store: Store,
        settings: ConsoleSettings,
        visitors: Visitors,
        pictures: PictureOrigin,
        sampler: Measurements,
    ) -> None:
        self.store = store
        self.settings = settings
        self.visitors = visitors
        self.pictures = pictures
        self.sampler = sampler
        self.broadcasts: list[Broadcast] = []
        self.static = StaticFiles()
        self.pages: tuple[Page, ...] = ()
        self._templates = build_environment(self.static)
        self._writes = WriteOnce()

    def render(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A whole page. *values* are what its template names."""
        visitor: Visitor = request.scope["visitor"]
        notice = self._writes.find_notice(request.query_params.get("done", ""))
        html = self._templates.get_template(template).render(
            pages=[page for page in self.pages if page.title],
            path=request.url.path,
            visitor=visitor,
            can_write=self.can_write(visitor),
            is_read_only=self.settings.console_read_only,
            can_sign_in=self.visitors.can_sign_in,
            form_fields=lambda: self._make_form_fields(visitor),
            picture=self.pictures.locate,
            notice=notice,
            **values,
        )
        return HTMLResponse(html, status)

    def render_fragment(self, template: str, **values: Any) -> str:
        """A part that is the same for every reader: no forms, no names."""
        return self._templates.get_template(template).render(picture=self.pictures.locate, **values)

    @asynccontextmanager
    async def broadcasting(self) -> AsyncIterator[None]:
        """Keep open pages up to date while the block runs; end their streams after it."""
        try:
            async with run_beside(*(broadcast.run() for broadcast in self.broadcasts)):
                yield
        finally:
            for broadcast in self.broadcasts:
                broadcast.close()

    def can_write(self, visitor: Visitor) -> bool:
        """Whether this visitor may change anything."""
        return visitor.is_signed_in and not self.settings.console_read_only

    async def act(self, request: Request, perform: Perform) -> Response:
        """Check the form, carry it out once, and lead the reader to the page after it.

        *perform* gets the form and returns where to go. What it raises becomes a page: Overtaken
        409, StoreUnavailable 503, any other SeedwireError 422.
        """
        submission, content = await self._take_form(request)
        outcome = await self._writes.run(submission.key, content, lambda: perform(submission))
        return RedirectResponse(_add_key(outcome.path, submission.key), 303)

    async def read(self, request: Request) -> Submission:
        """The form after the same checks, for a POST that only shows something: a preview."""
        submission, _ = await self._take_form(request)
        return submission

    async def _take_form(self, request: Request) -> tuple[Submission, str]:
        visitor: Visitor = request.scope["visitor"]
        if self.settings.console_read_only:
            raise HTTPException(403, "this console is read-only (SEEDWIRE_CONSOLE_READ_ONLY)")
        if not visitor.is_signed_in:
            raise HTTPException(403, "sign in to change anything")
        fields = await read_fields(request)
        csrf, key = fields.get("csrf"), fields.get("key")
        if not isinstance(csrf, str) or not self.visitors.check_csrf_token(visitor, csrf):
            raise HTTPException(403, "this form is of another session: load its page again")
        if not isinstance(key, str) or not MIN_KEY_CHARACTERS <= len(key) <= MAX_KEY_CHARACTERS:
            raise HTTPException(422, "the form has no key: load its page again")
        submission = Submission(visitor.name, key, fields)
        return submission, fingerprint_form(request.url.path, visitor.name, fields)

    def _make_form_fields(self, visitor: Visitor) -> Markup:
        csrf = self.visitors.make_csrf_token(visitor)
        return _FORM_FIELDS.format(csrf, secrets.token_urlsafe(16))


def _add_key(path: str, key: str) -> str:
    """The path, with the key by which the page finds the notice."""
    page, mark, fragment = path.partition("#")
    separator = "&" if "?" in page else "?"
    return f"{page}{separator}done={key}{mark}{fragment}"
