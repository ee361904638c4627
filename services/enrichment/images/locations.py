"""Addresses as they are fetched: each is read once, by the parser that also judged it in the seed. Pure."""

from functools import lru_cache
from typing import Final

import ada_url

from services.enrichment.images import limits
from services.enrichment.images.outcomes import Failed, Failure

READ: Final = 1_000  # URLs lately: each is looked at when it is planned, asked for and followed


@lru_cache(maxsize=READ)
def host_of(url: str) -> str:
    """The host that *url* leads to first; empty for what is not fetched."""
    location = _parsed(url)
    return "" if isinstance(location, Failed) else str(location.hostname)


@lru_cache(maxsize=READ)
def checked(url: str) -> str | Failed:
    """*url* as it is fetched."""
    location = _parsed(url)
    return location if isinstance(location, Failed) else str(location.href)


def _parsed(url: str) -> ada_url.URL | Failed:
    if len(url) > limits.URL_CHARACTERS:
        return Failed(Failure.BAD_ADDRESS, f"it has {len(url):,} characters")
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return Failed(Failure.BAD_ADDRESS, "it is no address")
    if parsed.protocol not in ("http:", "https:"):
        return Failed(Failure.BAD_ADDRESS, f"{parsed.protocol} is not fetched")
    if parsed.username or parsed.password:
        return Failed(Failure.BAD_ADDRESS, "it carries a user name or a password")
    if not parsed.hostname or parsed.port == "0":
        return Failed(Failure.BAD_ADDRESS, "it names no host or no port")
    parsed.hash = ""
    return parsed


def moved(url: str, location: str) -> str | Failed:
    """Where a redirect from *url* leads; every hop is checked like the first."""
    try:
        target = checked(str(ada_url.URL(location, url).href))
    except ValueError:
        return Failed(Failure.REDIRECTS, "a redirect leads to what is no address")
    if isinstance(target, Failed):
        return Failed(Failure.REDIRECTS, f"a redirect leads to an address that is not fetched: {target.why}")
    if url.startswith("https:") and not target.startswith("https:"):
        return Failed(Failure.REDIRECTS, "a redirect leads from https to http")
    return target
