"""The invented headlines of `headlines.toml`, as articles."""

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.article import Article, render_seed
from shared.store import StoredArticle

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Headline:
    language: str
    story: str  # the same for all headlines of one story in one language
    title: str


def load_headlines() -> list[Headline]:
    content = tomllib.loads((Path(__file__).parent / "headlines.toml").read_text())
    headlines: list[Headline] = []
    for number, story in enumerate(content["stories"]):
        for title in story["titles"]:
            headlines.append(Headline(story["language"], f"story {number}", title))
    for language, titles in content["alone"].items():
        for title in titles:
            headlines.append(Headline(language, title, title))
    return headlines


def build_article(title: str, **fields: Any) -> Article:
    defaults: dict[str, Any] = {
        "title": title,
        "published_date_time": MONDAY,
        "original_url": "https://paper.example/1",
    }
    return Article(**(defaults | fields))


def build_stored_article(number: int, title: str) -> StoredArticle:
    """The article of this title as the store has it, published an hour after the one before."""
    at = MONDAY + timedelta(hours=number)
    url = f"https://paper.example/{number}"
    article = build_article(title, published_date_time=at, original_url=url)
    return StoredArticle(f"a{number}", render_seed(article), 1, (), at, at)
