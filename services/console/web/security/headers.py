"""The headers of every response: no scripts or styles but ours, in nobody's frame, in no cache."""

from collections.abc import Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def build_policy(picture_origin: str) -> str:
    """The Content-Security-Policy. Pictures come from web's origin, everything else from here."""
    pictures = f"'self' {picture_origin}".strip()
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        f"img-src {pictures}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Adds them. *find_picture_origin* is asked for each response, because web may move."""

    def __init__(self, app: ASGIApp, find_picture_origin: Callable[[], str]) -> None:
        self._app = app
        self._find_picture_origin = find_picture_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = build_policy(self._find_picture_origin())
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
