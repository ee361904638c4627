"""The gate before every page: which names the console answers to, which sites may send it forms.

A page of a stranger can make a browser send requests here. If its name leads to this machine (DNS
rebinding), the `Host` header has that name: it is refused. If it sends a form to our own name, the
`Origin` header has the stranger's: it is refused too.
"""

import ipaddress
from collections.abc import Collection
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.console.web.security.visitors import Visitors

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS: Final = ("/sign-in", "/static/")  # before anybody has signed in


class Gate:
    """Refuses what is not meant for us, and says who the others are (`scope["visitor"]`).

    With *needs_sign_in*, nobody reads a page without it.
    """

    def __init__(
        self, app: ASGIApp, visitors: Visitors, hosts: Collection[str], needs_sign_in: bool
    ) -> None:
        self._app = app
        self._visitors = visitors
        self._hosts = {host.lower() for host in hosts} | {"localhost"}
        self._needs_sign_in = needs_sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        connection = HTTPConnection(scope)
        refusal = self._find_refusal(connection) or self._ask_to_sign_in(connection)
        if refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _find_refusal(self, connection: HTTPConnection) -> Response | None:
        host = connection.headers.get("host", "")
        if not self._is_own_host(host):
            return PlainTextResponse(
                "This is not the name of the console. Names are set in SEEDWIRE_CONSOLE_HOSTS.",
                421,
            )
        if connection.scope["method"] in SAFE_METHODS or is_own_origin(connection, host):
            return None
        return PlainTextResponse("This form was sent by another site.", 403)

    def _ask_to_sign_in(self, connection: HTTPConnection) -> Response | None:
        visitor = self._visitors.identify(connection)
        connection.scope["visitor"] = visitor
        path = connection.url.path
        if visitor.is_signed_in or not self._needs_sign_in or path.startswith(OPEN_PATHS):
            return None
        if not self._visitors.can_sign_in:
            return PlainTextResponse("The proxy did not say who you are.", 403)
        return RedirectResponse("/sign-in", 303)

    def _is_own_host(self, host: str) -> bool:
        """An IP address is safe: no stranger's page has it as its own name."""
        name = host.lower()
        if name in self._hosts:
            return True
        name = name.rpartition(":")[0] if not name.endswith("]") and ":" in name else name
        if name in self._hosts:
            return True
        try:
            ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
        except ValueError:
            return False
        return True


def is_own_origin(connection: HTTPConnection, host: str) -> bool:
    """Whether a page of ours sent it. Programs, which send neither header, are no browsers."""
    origin = connection.headers.get("origin")
    if origin is not None:
        return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")
    return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
