"""The addresses that a seed states, as far as they can be read: of seeds that break the format."""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from shared.article.identity.canonical_url import canonical_url, fold_url

MAX_READ: Final = 64 * 1024  # bytes: the addresses of real seeds are in the first two thousand
MAX_URLS: Final = 20

OWN_URLS: Final = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")
"""What an article is known by, the most authoritative first: see `aliases.list_urls`."""

_URL: Final = re.compile(
    rf"""^({"|".join(OWN_URLS)})[ \t]*:[ \t]*["']?(\S+?)["']?[ \t]*$""", re.MULTILINE
)


def find_stated_aliases(content: bytes) -> list[str]:
    """The aliases of the addresses in *content*, in their order, each once.

    Only lines at the left margin count: those below are of related articles or pictures.
    """
    aliases: dict[str, None] = {}
    for _, canonical in _find_urls(content):
        aliases[canonical] = None
        aliases[fold_url(canonical)] = None
    return list(aliases)


def find_own_url(content: bytes) -> str | None:
    """The canonical URL by which ingest would look for the article of *content*, if it is readable.

    A seed may state further URLs, and those may be another article's.
    """
    stated: dict[str, str] = {}
    for field, canonical in _find_urls(content):
        stated.setdefault(field, canonical)
    return next((stated[field] for field in OWN_URLS if field in stated), None)


def _find_urls(content: bytes) -> Iterator[tuple[str, str]]:
    """Each field and its URL, in canonical form."""
    text = content[:MAX_READ].decode(errors="replace").replace("\r", "\n")
    for field, url in _URL.findall(text)[:MAX_URLS]:
        with suppress(ValueError):
            yield field, canonical_url(url)
