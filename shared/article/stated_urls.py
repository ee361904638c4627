"""The addresses that a seed states, as far as they can be read: of seeds that break the format."""

import re
from typing import Final

from shared.article.canonical_url import canonical_url, fold_url

MAX_READ: Final = 64 * 1024  # bytes: the addresses of real seeds are in the first two thousand
MAX_URLS: Final = 20

_URL: Final = re.compile(
    r"""^(?:originalUrl|webUrl|ampWebUrl|cdnAmpWebUrl)[ \t]*:[ \t]*["']?(\S+?)["']?[ \t]*$""",
    re.MULTILINE,
)


def find_stated_aliases(content: bytes) -> list[str]:
    """The aliases of the addresses in *content*, in their order, each once.

    Only lines at the left margin count: those below are of related articles or pictures.
    """
    text = content[:MAX_READ].decode(errors="replace").replace("\r", "\n")
    aliases: dict[str, None] = {}
    for url in _URL.findall(text)[:MAX_URLS]:
        try:
            canonical = canonical_url(url)
        except ValueError:
            continue
        aliases[canonical] = None
        aliases[fold_url(canonical)] = None
    return list(aliases)
