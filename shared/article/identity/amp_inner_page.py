"""Pages that AMP caches and Google's AMP viewer show under URLs of their own."""

import re
from typing import Final

_AMP_CACHE_HOST: Final = re.compile(
    r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org|[a-z0-9-]+\.bing-amp\.com"
)
_AMP_CACHE_PATH: Final = re.compile(r"/[a-z]{1,2}/(?:s/)?([^/]+\.[^/]+.*)")
_GOOGLE_HOST: Final = re.compile(r"google\.[a-z.]{2,6}")
_GOOGLE_AMP_PATH: Final = re.compile(r"/amp/(?:s/)?([^/]+\.[^/]+.*)")


def find_inner_page(host: str, path: str) -> str | None:
    """Host and path of the page that an AMP cache or viewer shows; None for any other URL."""
    if _AMP_CACHE_HOST.fullmatch(host):
        match = _AMP_CACHE_PATH.fullmatch(path)
    elif _GOOGLE_HOST.fullmatch(host):
        match = _GOOGLE_AMP_PATH.fullmatch(path)
    else:
        return None
    return match[1] if match else None
