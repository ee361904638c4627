"""The keys under which pictures and pages are requested, parked and announced.

A picture's key is its URL. A page's key is its URL with the prefix `page:`, so that a page takes
the same way as a picture: to its host's worker, parked when it is slow, remembered when it fails.
Keys are stored and sent over Kafka, so the prefix stays.
"""

from typing import Final

from services.enrichment.images.network.urls import host_of

_PAGE_PREFIX: Final = "page:"


def page_key(url: str) -> str:
    return _PAGE_PREFIX + url


def is_page_key(key: str) -> bool:
    return key.startswith(_PAGE_PREFIX)


def url_of(key: str) -> str:
    return key.removeprefix(_PAGE_PREFIX)


def host_of_key(key: str) -> str:
    """The host that the key's request goes to; empty for a URL that is not fetched."""
    return host_of(url_of(key))
