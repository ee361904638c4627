"""Feeds as JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/"""

from typing import Any, Final

from services.web.feeds.feed import Entry, Feed
from services.web.feeds.xml_text import format_rfc3339
from shared.views.publishable import encode_json

MEDIA_TYPE: Final = "application/feed+json"
VERSION: Final = "https://jsonfeed.org/version/1.1"


def write_json_feed(feed: Feed) -> bytes:
    content = {
        "version": VERSION,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.url,
        "items": [_build_item(entry) for entry in feed.entries],
    }
    return encode_json(content)


def _build_item(entry: Entry) -> dict[str, Any]:
    """Every item needs a content; without HTML it is the summary."""
    item: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "date_published": format_rfc3339(entry.published_at),
        "date_modified": format_rfc3339(entry.updated_at),
        "tags": list(entry.topics),
    }
    if entry.content:
        item["content_html"] = entry.content
    else:
        item["content_text"] = entry.summary
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    if entry.picture:
        item["image"] = entry.picture.url
    return item
