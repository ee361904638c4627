"""What a seed itself says about its language: in a field of its own, or as a locale in its URL."""

import re
from typing import Final

from shared.article import Article

FIELDS: Final = ("language", "lang", "locale", "inLanguage")
# Matches /de-at/. A bare /de/ does not count: it may mean anything.
_LOCALE = re.compile(r"/([a-z]{2})[-_][a-z]{2}(?=/|$)", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)  # de, pt-BR, zh_Hans_CN


def declared_language(article: Article) -> str:
    """The two-letter code in one of `FIELDS`, or "" if there is none.

    The seed format does not define these fields. It carries unknown fields along.
    """
    unknown_fields = article.model_extra or {}
    for name in FIELDS:
        value = unknown_fields.get(name)
        if isinstance(value, str) and (tag := _LANGUAGE_TAG.fullmatch(value.strip())):
            return tag[1].lower()
    return ""


def language_in_url(article: Article) -> str:
    """The language of the locale in the article's URL, or "" if it has none.

    For example `de` for `https://paper.example/de-at/…`.
    """
    for url in (article.original_url, article.web_url):
        if url and (locale := _LOCALE.search(url)):
            return locale[1].lower()
    return ""
