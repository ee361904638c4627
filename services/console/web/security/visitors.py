"""Who a request comes from: a signed-in person, one that a trusted proxy names, or nobody."""

import hmac
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

from services.console.web.security.signer import (
    MAX_NAME_CHARACTERS,
    SESSION_SECONDS,
    Signer,
)
from services.console.web.settings import ConsoleSettings
from shared.visible_text import make_visible

FAILURES: Final = 10  # wrong tokens in FAILURE_SECONDS, after which none is checked for a while
FAILURE_SECONDS: Final = 60


@dataclass(frozen=True)
class Visitor:
    """A person, or nobody while *name* is empty. *session* is what their forms are bound to."""

    name: str = ""
    session: str = ""

    @property
    def is_signed_in(self) -> bool:
        return bool(self.name)


class Visitors:
    """Knows visitors by their session cookie or by the proxy's header, and signs people in."""

    def __init__(
        self,
        settings: ConsoleSettings,
        token: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._token = token
        self._clock = clock
        self._signer = Signer(token, clock)
        self._used_links: dict[str, int] = {}
        self._failures: list[float] = []
        self.cookie = f"seedwire-{self._signer.digest('cookie', '')[:8]}"

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a token to sign in with."""
        return bool(self._token)

    def identify(self, connection: HTTPConnection) -> Visitor:
        """Who the request comes from."""
        name = self._read_proxy_header(connection)
        if name:
            return Visitor(name, f"proxy {name}")
        cookie = connection.cookies.get(self.cookie, "") if self._token else ""
        claim = self._signer.check("session", cookie)
        return Visitor(claim.name, claim.nonce) if claim else Visitor()

    def is_trusted_proxy(self, connection: HTTPConnection) -> bool:
        if connection.client is None or not self._settings.console_trusted_proxies:
            return False
        try:
            address = ipaddress.ip_address(connection.client.host)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        networks = self._settings.console_trusted_proxies
        return any(address in ipaddress.ip_network(network) for network in networks)

    def is_secure(self, connection: HTTPConnection) -> bool:
        """Whether the browser speaks TLS, to us or to the trusted proxy."""
        if connection.url.scheme == "https":
            return True
        forwarded = connection.headers.get("x-forwarded-proto", "")
        return forwarded == "https" and self.is_trusted_proxy(connection)

    def check_token(self, given: str) -> bool:
        """Whether it is the token. After ten wrong ones within a minute, none is right."""
        recently = self._clock() - FAILURE_SECONDS
        self._failures = [at for at in self._failures if at > recently]
        if not self._token or len(self._failures) >= FAILURES:
            return False
        if hmac.compare_digest(_encode(given.strip()), self._token.encode()):
            return True
        self._failures.append(self._clock())
        return False

    def read_link(self, ticket: str) -> str | None:
        """The name on a ticket that is still good."""
        claim = self._signer.check("link", ticket) if self._token else None
        if claim is None or claim.nonce in self._used_links:
            return None
        return claim.name

    def use_link(self, ticket: str) -> bool:
        """Take the ticket; False if it is not good, or no longer."""
        claim = self._signer.check("link", ticket) if self._token else None
        if claim is None or claim.nonce in self._used_links:
            return False
        now = self._clock()
        current = {nonce: until for nonce, until in self._used_links.items() if until > now}
        self._used_links = {**current, claim.nonce: claim.expires}
        return True

    def open_session(self, name: str) -> str:
        """The value of the session cookie for a person of this name."""
        return self._signer.sign("session", clean_name(name), SESSION_SECONDS)

    def make_csrf_token(self, visitor: Visitor) -> str:
        """What forms of this visitor carry, and no other site can know."""
        return self._signer.digest("form", visitor.session)

    def check_csrf_token(self, visitor: Visitor, given: str) -> bool:
        expected = self.make_csrf_token(visitor).encode()
        return hmac.compare_digest(_encode(given), expected)

    def _read_proxy_header(self, connection: HTTPConnection) -> str:
        header = self._settings.console_identity_header
        if not header or not self.is_trusted_proxy(connection):
            return ""
        values = connection.headers.getlist(header)
        return clean_name(values[0]) if len(values) == 1 else ""


def clean_name(name: str) -> str:
    """The name as logs and pages show it: on one line, and not too long."""
    return make_visible(" ".join(name.split()))[:MAX_NAME_CHARACTERS]


def _encode(given: str) -> bytes:
    """As UTF-8; a form in another encoding may hold surrogates, which are never right."""
    return given.encode(errors="surrogatepass")
