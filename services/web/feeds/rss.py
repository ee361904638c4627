"""Feeds as RSS 2.0, with what the RSS Advisory Board recommends of other namespaces."""

from email.utils import format_datetime
from html import escape
from typing import Final
from xml.etree import ElementTree

from services.web.feeds.feed import Entry, Feed
from services.web.feeds.xml_text import add_element, write_xml

MEDIA_TYPE: Final = "application/rss+xml"
_NAMESPACES: Final = {
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


def write_rss(feed: Feed) -> bytes:
    root = ElementTree.Element("rss", {"version": "2.0", **_NAMESPACES})
    channel = add_element(root, "channel")
    add_element(channel, "title", feed.title)
    add_element(channel, "link", feed.home_url)
    add_element(channel, "description", feed.title)
    add_element(channel, "atom:link", rel="self", type=MEDIA_TYPE, href=feed.url)
    add_element(channel, "lastBuildDate", format_datetime(feed.updated_at, usegmt=True))
    add_element(channel, "generator", "Seedwire")
    for entry in feed.entries:
        _add_item(channel, entry)
    return write_xml(root)


def _add_item(channel: ElementTree.Element, entry: Entry) -> None:
    item = add_element(channel, "item")
    add_element(item, "title", entry.title)
    add_element(item, "link", entry.url)
    add_element(item, "guid", entry.id, isPermaLink="false")
    add_element(item, "pubDate", format_datetime(entry.published_at, usegmt=True))
    if entry.author:
        add_element(item, "dc:creator", entry.author)
    for topic in entry.topics:
        add_element(item, "category", topic)
    add_element(item, "description", escape(entry.summary, quote=False))  # readers expect HTML
    if entry.content:
        add_element(item, "content:encoded", entry.content)
    if entry.picture:
        kind = {"type": entry.picture.media_type} if entry.picture.media_type else {}
        add_element(item, "media:content", url=entry.picture.url, medium="image", **kind)
