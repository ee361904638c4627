"""The invented headlines of `headlines.toml`, as articles."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.article import Article, render
from shared.store import StoredArticle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Headline:
    language: str
    story: str  # alike for the headlines of one story in one language
    title: str


def headlines() -> list[Headline]:
    table = tomllib.loads((Path(__file__).parent / "headlines.toml").read_text())
    told = [
        Headline(story["language"], f"story {number}", title)
        for number, story in enumerate(table["stories"])
        for title in story["titles"]
    ]
    return told + [
        Headline(language, title, title)
        for language, titles in table["alone"].items()
        for title in titles
    ]


def an_article(title: str, **fields: Any) -> Article:
    given = {
        "title": title,
        "published_date_time": MONDAY,
        "original_url": "https://paper.example/1",
    }
    return Article(**(given | fields))


def stored(number: int, title: str) -> StoredArticle:
    """The article of the title as the store has it, an hour after the one before."""
    at = MONDAY + timedelta(hours=number)
    article = an_article(
        title, published_date_time=at, original_url=f"https://paper.example/{number}"
    )
    return StoredArticle(f"a{number}", render(article), 1, (), at, at)
