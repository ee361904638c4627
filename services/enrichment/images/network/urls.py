"""URLs as they are fetched: parsed once, by the parser that also checked the seed. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import ada_url

from services.enrichment.images.fetch_outcome import Failure, FailureKind
from services.enrichment.images.limits import MAX_URL_LENGTH

CACHED_URLS: Final = 1_000  # each is parsed when it is planned, requested and followed

# Takes apart what the parser serialised: asking it for each part takes three times as long.
_SERIALISED: Final = re.compile(r"(https?)://(?:([^/@]*)@)?((\[[^]]+\]|[^/:]+)(?::(\d+))?)(/[^#]*)")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ParsedUrl:
    """An http or https URL, as the parser serialised it; all of it is ASCII.

    *host* is spelled as browsers do: `[::1]`, of which `::1` is the *name* to connect to.
    *authority* is the host, with a port that is not the scheme's default. *target* is the path and
    the query.
    """

    url: str
    scheme: str
    authority: str
    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        return self.host.strip("[]")

    @property
    def origin(self) -> tuple[str, str]:
        return self.scheme, self.authority


@lru_cache(maxsize=CACHED_URLS)
def parse_url(url: str) -> ParsedUrl | Failure:
    """*url* as it is fetched, or why it is not."""
    if len(url) > MAX_URL_LENGTH:
        return Failure(FailureKind.BAD_URL, f"the URL has {len(url):,} characters")
    try:
        serialised = str(ada_url.URL(url).href)
    except ValueError:
        return Failure(FailureKind.BAD_URL, "it is not a URL")
    parts = _SERIALISED.match(serialised)
    if parts is None:
        scheme = serialised.partition(":")[0]
        return Failure(FailureKind.BAD_URL, f"{scheme}: URLs are not fetched")
    scheme, user, authority, host, port, target = parts.groups()
    if user is not None:
        return Failure(FailureKind.BAD_URL, "the URL contains a user name or a password")
    if port == "0":
        return Failure(FailureKind.BAD_URL, "the URL has port 0")
    port_number = int(port or _DEFAULT_PORTS[scheme])
    return ParsedUrl(parts[0], scheme, authority, host, port_number, target)


def parse_redirect(url: str, location: str) -> ParsedUrl | Failure:
    """Where a redirect from *url* to *location* leads; every hop is checked like the first URL."""
    try:
        target = parse_url(str(ada_url.URL(location, url).href))
    except ValueError:
        return Failure(FailureKind.REDIRECTS, "the redirect's location is not a URL")
    if isinstance(target, Failure):
        return Failure(FailureKind.REDIRECTS, f"the redirect cannot be followed: {target.reason}")
    if url.startswith("https:") and target.scheme != "https":
        return Failure(FailureKind.REDIRECTS, "the redirect leads from https to http")
    return target


def host_of(url: str) -> str:
    """The host of *url*, as browsers spell it; empty for a URL that is not fetched."""
    parsed = parse_url(url)
    return "" if isinstance(parsed, Failure) else parsed.host
