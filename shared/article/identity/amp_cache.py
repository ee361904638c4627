"""Where the AMP cache serves an AMP page: the URL that `cdnAmpWebUrl` holds.

Source of the rules and of the test vectors: amp.dev, *AMP Cache URL Format*, and the AMP project's
own toolbox.
"""

import base64
import hashlib
import unicodedata
from typing import Final

import ada_url

CACHE_DOMAIN: Final = "cdn.ampproject.org"
_MAX_LABEL: Final = 63  # characters in a label of a domain name


def amp_cache_url(amp_url: str) -> str | None:
    """The URL at which the cache serves the AMP page *amp_url*; None for pages it cannot serve."""
    url = ada_url.URL(amp_url)
    if url.port or not url.hostname:
        return None
    secure = "s/" if url.protocol == "https:" else ""
    subdomain = cache_subdomain(url.hostname)
    page = f"{url.hostname}{url.pathname}{url.search}"
    return f"https://{subdomain}.{CACHE_DOMAIN}/c/{secure}{page}"


def cache_subdomain(domain: str) -> str:
    """The single label that stands for *domain* (in its ASCII form) below the cache's own domain.

    In the name as people read it, hyphens are doubled and dots become hyphens. Where the result
    would not be a valid label, or the name mixes writing directions, a hash stands in for it.
    """
    labels = [_decode_punycode(label) for label in domain.split(".")]
    readable = ".".join(labels)
    if "." not in domain or len(domain) > _MAX_LABEL or _mixes_directions(readable):
        return _hash_domain(domain)
    subdomain = readable.replace("-", "--").replace(".", "-")
    if subdomain[2:4] == "--":  # labels with hyphens there are reserved
        subdomain = f"0-{subdomain}-0"
    encoded = _encode_punycode(subdomain)
    return encoded if len(encoded) <= _MAX_LABEL else _hash_domain(domain)


def _decode_punycode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _encode_punycode(label: str) -> str:
    lower = label.lower()
    if label.isascii():
        return lower
    return "xn--" + lower.encode("punycode").decode("ascii")


def _mixes_directions(name: str) -> bool:
    """Whether *name* has both left-to-right and right-to-left letters."""
    directions = {unicodedata.bidirectional(character) for character in name}
    return "L" in directions and bool(directions & {"R", "AL"})


def _hash_domain(domain: str) -> str:
    digest = hashlib.sha256(domain.encode()).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()
