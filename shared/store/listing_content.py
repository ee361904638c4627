"""What the listing of an article takes from its seed, and the keys it is found by. Pure.

A *facet* is a key of a list: `topic:ai`, `provider:paper.example`, `language:en`, or nothing at all
for the list of all articles.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from shared.article import Article, SeedError
from shared.store.ports.article.articles import StoredArticle
from shared.store.ports.article.listings import ListingQuery

# Bounds for hostile seeds; real ones have 12 topics and titles of 180 characters at the most.
MAX_TOPICS: Final = 40
MAX_WORDS: Final = 64
MAX_KEY_CHARACTERS: Final = 200
MAX_WORD_CHARACTERS: Final = 40
MAX_SLUG_CHARACTERS: Final = 150

EVERY_ARTICLE: Final = ""
"""The facet of the list of all articles."""

_WORD: Final = re.compile(r"[^\W_]+")
# Scripts without spaces between words: of them, characters and pairs of characters are words.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+"
)
_NOT_IN_SLUG: Final = re.compile(r"[^a-z0-9\s_-]")
_BETWEEN_SLUG_WORDS: Final = re.compile(r"[\s_-]+")


@dataclass(frozen=True)
class ListedContent:
    """What a listing takes from the seed; the names are those of `Listing`."""

    title: str
    slug: str
    published_at: datetime
    provider: str
    topics: tuple[str, ...]
    quality: int | None
    problem: str
    facets: tuple[str, ...]
    words: tuple[str, ...]


def describe_content(stored: StoredArticle) -> ListedContent:
    """An article that cannot be read stands where it was accepted, with the problem."""
    try:
        article = stored.article
    except SeedError as error:
        return ListedContent(
            title="",
            slug="",
            published_at=stored.accepted_at,
            provider="",
            topics=(),
            quality=None,
            problem=str(error),
            facets=(EVERY_ARTICLE,),
            words=(),
        )
    slug = build_slug(article) or stored.id
    topics = tuple(article.topics[:MAX_TOPICS])
    return ListedContent(
        title=article.title,
        slug=slug,
        published_at=article.published_date_time,
        provider=_name_provider(article),
        topics=topics,
        quality=article.quality,
        problem="",
        facets=tuple(dict.fromkeys(_list_facets(article, slug))),
        words=split_words(article.title),
    )


def build_slug(article: Article) -> str:
    """As the site of the seeds names its files: `2021-08-05-chinas-top-court-issues-regulations`.

    Empty for a title without a Latin letter or a digit.
    """
    letters = _NOT_IN_SLUG.sub("", article.title.lower())
    words = _BETWEEN_SLUG_WORDS.sub("-", letters).strip("-")
    if not words:
        return ""
    if len(words) > MAX_SLUG_CHARACTERS:
        words = words[: MAX_SLUG_CHARACTERS + 1].rpartition("-")[0] or words[:MAX_SLUG_CHARACTERS]
    return f"{article.published_date_time:%Y-%m-%d}-{words}"


def language_facet(language: str) -> str:
    return _build_facet("language", language)


def list_query_facets(query: ListingQuery) -> list[str]:
    """The facets that an article of the list must have, all of them; at least one."""
    given = {
        "slug": query.slug,
        "topic": query.topic,
        "provider": query.provider,
        "language": query.language,
    }
    facets = [_build_facet(kind, value) for kind, value in given.items() if value]
    return facets or [EVERY_ARTICLE]


def split_words(text: str) -> tuple[str, ...]:
    """The words of a title or a search, without case and accents, each once."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words: dict[str, None] = {}
    for run in _WORD.findall(plain):
        for word in _split_run(run):
            words[word[:MAX_WORD_CHARACTERS]] = None
    return tuple(words)[:MAX_WORDS]


def _split_run(run: str) -> Iterator[str]:
    start = 0
    for unspaced in _UNSPACED.finditer(run):
        yield from filter(None, [run[start : unspaced.start()]])
        characters = unspaced[0]
        yield from characters
        yield from map("".join, pairwise(characters))
        start = unspaced.end()
    yield from filter(None, [run[start:]])


def _list_facets(article: Article, slug: str) -> Iterator[str]:
    yield EVERY_ARTICLE
    yield _build_facet("slug", slug)
    for topic in article.topics[:MAX_TOPICS]:
        yield _build_facet("topic", topic)
    if article.provider:
        for name in (article.provider.name, article.provider.domain):
            if name:
                yield _build_facet("provider", name)


def _name_provider(article: Article) -> str:
    if article.provider is None:
        return ""
    return article.provider.name or article.provider.domain or ""


def _build_facet(kind: str, value: str) -> str:
    key = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return f"{kind}:{key[:MAX_KEY_CHARACTERS]}"
