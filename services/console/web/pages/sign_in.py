"""/sign-in and /sign-out: a person gives the token, or comes by a link that `seedwire` made."""

from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.console.web.console import Console
from services.console.web.forms.submission import read_fields
from services.console.web.page import Page
from services.console.web.security.signer import SESSION_SECONDS
from services.console.web.security.visitors import clean_name

WRONG: Final = "This is not the token, or the link was used or is older than ten minutes."


def build_page(console: Console) -> Page:
    page = SignIn(console)
    return Page(
        "",
        "/sign-in",
        [
            Route("/sign-in", page.show),
            Route("/sign-in", page.sign_in, methods=["POST"]),
            Route("/sign-out", page.sign_out, methods=["POST"]),
        ],
    )


class SignIn:
    """The forms. Without a session they carry no CSRF token: the gate checks their origin."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def show(self, request: Request) -> Response:
        ticket = request.query_params.get("ticket", "")
        name = self._console.visitors.read_link(ticket)
        sentence = WRONG if ticket and name is None else ""
        return self._show_form(request, 200, name or "", ticket if name else "", sentence)

    async def sign_in(self, request: Request) -> Response:
        fields = await read_fields(request)
        name = clean_name(_read(fields, "name"))
        if not name:
            return self._show_form(request, 422, "", _read(fields, "ticket"), "A name is missing.")
        if not self._is_admitted(fields):
            return self._show_form(request, 403, name, "", WRONG)
        response = RedirectResponse("/", 303)
        visitors = self._console.visitors
        response.set_cookie(
            visitors.cookie,
            visitors.open_session(name),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=visitors.is_secure(request),
        )
        return response

    async def sign_out(self, request: Request) -> Response:
        response = RedirectResponse("/", 303)
        response.delete_cookie(self._console.visitors.cookie, httponly=True, samesite="strict")
        return response

    def _is_admitted(self, fields: FormData) -> bool:
        visitors = self._console.visitors
        ticket = _read(fields, "ticket")
        return visitors.use_link(ticket) if ticket else visitors.check_token(_read(fields, "token"))

    def _show_form(
        self, request: Request, status: int, name: str, ticket: str, sentence: str
    ) -> Response:
        return self._console.render(
            request, "sign_in.html", status, name=name, ticket=ticket, sentence=sentence
        )


def _read(fields: FormData, name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""
