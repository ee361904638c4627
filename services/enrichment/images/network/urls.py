"""Addresses as they are fetched: each is read once, by the parser that also judged it in the seed. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import ada_url

from services.enrichment.images import limits
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure

READ: Final = 1_000  # URLs lately: each is looked at when it is planned, asked for and followed

# What the parser wrote is taken apart here: asking it for each part takes three times as long.
_WRITTEN: Final = re.compile(r"(https?)://(?:([^/@]*)@)?((\[[^]]+\]|[^/:]+)(?::(\d+))?)(/[^#]*)")
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Location:
    """An address of the web, as the parser wrote it; all of it ASCII.

    *host* is what a browser calls it: `[::1]`, of which `::1` is the *name* to connect to; *authority* is the host,
    with a port that is not the scheme's own; *target* the path and the query.
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


@lru_cache(maxsize=READ)
def located(url: str) -> Location | Failed:
    """*url* as it is fetched."""
    if len(url) > limits.URL_CHARACTERS:
        return Failed(Failure.BAD_ADDRESS, f"it has {len(url):,} characters")
    try:
        written = str(ada_url.URL(url).href)
    except ValueError:
        return Failed(Failure.BAD_ADDRESS, "it is no address")
    parts = _WRITTEN.match(written)
    if parts is None:
        return Failed(Failure.BAD_ADDRESS, f"{written.partition(':')[0]}: is not fetched")
    scheme, user, authority, host, port, target = parts.groups()
    if user is not None:
        return Failed(Failure.BAD_ADDRESS, "it carries a user name or a password")
    if port == "0":
        return Failed(Failure.BAD_ADDRESS, "it names no port")
    return Location(parts[0], scheme, authority, host, int(port or _PORTS[scheme]), target)


def host_of(url: str) -> str:
    """The host that *url* leads to first; empty for what is not fetched."""
    location = located(url)
    return "" if isinstance(location, Failed) else location.host


def moved(url: str, target: str) -> Location | Failed:
    """Where a redirect from *url* to *target* leads; every hop is checked like the first."""
    try:
        location = located(str(ada_url.URL(target, url).href))
    except ValueError:
        return Failed(Failure.REDIRECTS, "a redirect leads to what is no address")
    if isinstance(location, Failed):
        return Failed(
            Failure.REDIRECTS, f"a redirect leads to an address that is not fetched: {location.why}"
        )
    if url.startswith("https:") and location.scheme != "https":
        return Failed(Failure.REDIRECTS, "a redirect leads from https to http")
    return location
