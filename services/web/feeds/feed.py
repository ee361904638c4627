"""What all kinds of feeds are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.web.news.featured_html import extract_text
from services.web.news.published_articles import PublishedArticle
from shared.budgets import cut_text

MAX_SUMMARY_CHARACTERS: Final = 300  # of one that is cut from the content


@dataclass(frozen=True)
class Picture:
    url: str
    media_type: str = ""  # empty if it is not known


@dataclass(frozen=True)
class Entry:
    """One article. *content* is clean HTML, empty if there is none. *summary* is plain text: the
    excerpt, else the beginning of the content, else the title."""

    id: str  # an absolute URI, which never changes
    url: str
    title: str
    summary: str
    content: str
    author: str
    topics: Sequence[str]
    published_at: datetime
    updated_at: datetime
    picture: Picture | None = None


@dataclass(frozen=True)
class Feed:
    """A list of articles, the latest first. *url* is where this very feed is."""

    id: str
    title: str
    url: str
    home_url: str
    updated_at: datetime
    entries: Sequence[Entry]


def build_entries(articles: Iterable[PublishedArticle], source: str) -> list[Entry]:
    """*source* is the installation's own URI, which makes the ids of entries unique."""
    return [_build_entry(article, source) for article in articles]


def _build_entry(article: PublishedArticle, source: str) -> Entry:
    fields = article.fields
    provider = fields.get("provider") or {}
    given = fields.get("featuredContent")
    content = given if isinstance(given, str) else ""
    return Entry(
        id=f"{source}/articles/{fields['id']}",
        url=fields["url"],
        title=fields["title"],
        summary=fields.get("excerpt") or _summarise(content) or fields["title"],
        content=content,
        author=provider.get("name") or provider.get("domain") or "",
        topics=fields.get("topics") or (),
        published_at=datetime.fromisoformat(fields["publishedDateTime"]),
        updated_at=article.revised_at,
        picture=_find_picture(fields.get("images") or ()),
    )


def _summarise(content: str) -> str:
    return cut_text(extract_text(content), MAX_SUMMARY_CHARACTERS)


def _find_picture(images: Iterable[Mapping[str, Any]]) -> Picture | None:
    """The first picture that was verified."""
    for image in images:
        if image.get("isCached"):
            return Picture(image["url"], image.get("mediaType", ""))
    return None
