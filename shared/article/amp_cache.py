"""Where the AMP cache has an AMP page: the address that `cdnAmpWebUrl` holds.

Source of the rule and of its test vectors: amp.dev, *AMP Cache URL Format*, and the AMP project's own toolbox.
"""

import base64
import hashlib
import unicodedata
from typing import Final

import ada_url

CACHE: Final = "cdn.ampproject.org"
_LABEL: Final = 63  # the longest label of a domain name


def cached_address(amp_url: str) -> str | None:
    """The address at which the cache serves the AMP page *amp_url*; None for what no cache serves."""
    parsed = ada_url.URL(amp_url)
    if parsed.port or not parsed.hostname:
        return None
    secure = "s/" if parsed.protocol == "https:" else ""
    return f"https://{prefix(parsed.hostname)}.{CACHE}/c/{secure}{parsed.hostname}{parsed.pathname}{parsed.search}"


def prefix(domain: str) -> str:
    """The one label that stands for *domain*, a domain name in its ASCII form, before the cache's own name.

    Dots become hyphens and hyphens two, on the name as people write it; a name for which that makes no label, or whose
    directions of writing cannot share one, is named by its hash.
    """
    readable = ".".join(_unicode(label) for label in domain.split("."))
    if "." not in domain or len(domain) > _LABEL or _is_mixed(readable):
        return _hashed(domain)
    label = readable.replace("-", "--").replace(".", "-")
    if label[2:4] == "--":  # such labels are reserved
        label = f"0-{label}-0"
    encoded = _ascii(label)
    return encoded if len(encoded) <= _LABEL else _hashed(domain)


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _ascii(label: str) -> str:
    return (
        label.lower()
        if label.isascii()
        else "xn--" + label.lower().encode("punycode").decode("ascii")
    )


def _is_mixed(name: str) -> bool:
    """Whether it has letters written from the left and such written from the right."""
    directions = {unicodedata.bidirectional(character) for character in name}
    return "L" in directions and bool(directions & {"R", "AL"})


def _hashed(domain: str) -> str:
    return base64.b32encode(hashlib.sha256(domain.encode()).digest()).decode().rstrip("=").lower()
