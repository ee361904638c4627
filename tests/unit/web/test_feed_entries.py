"""What a feed says of an article."""

from datetime import UTC, datetime
from typing import Any

from services.web.feeds.feed import MAX_SUMMARY_CHARACTERS, build_entries
from services.web.news.published_articles import PublishedArticle

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def summarise(**fields: Any) -> str:
    article = {
        "id": "a1",
        "url": "https://paper.example/a1",
        "title": "The bridge",
        "publishedDateTime": "2026-03-02T12:00:00Z",
        **fields,
    }
    published = PublishedArticle("the-bridge", article, AT)
    (entry,) = build_entries([published], "https://news.example")
    return entry.summary


def test_the_excerpt_is_the_summary():
    assert summarise(excerpt="It fell.", featuredContent="<p>All of it</p>") == "It fell."


def test_without_an_excerpt_the_content_begins_the_summary():
    assert summarise(featuredContent="<p>It <b>fell</b>.</p>") == "It fell."
    long = summarise(featuredContent="word " * 200)
    assert len(long) <= MAX_SUMMARY_CHARACTERS
    assert long.endswith("…")


def test_without_any_text_the_title_is_the_summary():
    assert summarise() == "The bridge"
