"""What a seed itself says of its language: a field of its own, or the locale in its address."""

import re
from typing import Final

from shared.article import Article

FIELDS: Final = ("language", "lang", "locale", "inLanguage")
_LOCALE = re.compile(
    r"/([a-z]{2})[-_][a-z]{2}(?=/|$)", re.IGNORECASE
)  # /de-at/; a bare /de/ may be anything
_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)  # de, pt-BR, zh_Hans_CN


def declared(article: Article) -> str:
    """The two-letter code in one of `FIELDS`, which the seed format carries without knowing them; "" without."""
    for name in FIELDS:
        value = (article.model_extra or {}).get(name)
        if isinstance(value, str) and (tag := _TAG.fullmatch(value.strip())):
            return tag[1].lower()
    return ""


def addressed(article: Article) -> str:
    """The language of the locale in its address: `de` of `https://paper.example/de-at/…`; "" without."""
    for url in (article.original_url, article.web_url):
        if url and (locale := _LOCALE.search(url)):
            return locale[1].lower()
    return ""
