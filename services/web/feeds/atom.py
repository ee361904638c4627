"""Feeds as Atom, after RFC 4287."""

from typing import Final
from xml.etree import ElementTree

from services.web.feeds.feed import Entry, Feed
from services.web.feeds.xml_text import add_element, format_rfc3339, write_xml

MEDIA_TYPE: Final = "application/atom+xml"
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
GENERATOR: Final = "Seedwire"


def write_atom(feed: Feed) -> bytes:
    """Names without prefixes, because some readers know no others."""
    root = ElementTree.Element("feed", xmlns=NAMESPACE)
    add_element(root, "id", feed.id)
    add_element(root, "title", feed.title, type="text")
    add_element(root, "updated", format_rfc3339(feed.updated_at))
    add_element(root, "link", rel="self", type=MEDIA_TYPE, href=feed.url)
    add_element(root, "link", rel="alternate", type="application/json", href=feed.home_url)
    add_element(root, "generator", GENERATOR)
    add_element(add_element(root, "author"), "name", GENERATOR)
    for entry in feed.entries:
        _add_entry(root, entry)
    return write_xml(root)


def _add_entry(root: ElementTree.Element, entry: Entry) -> None:
    element = add_element(root, "entry")
    add_element(element, "id", entry.id)
    add_element(element, "title", entry.title, type="text")
    add_element(element, "link", rel="alternate", href=entry.url)
    add_element(element, "published", format_rfc3339(entry.published_at))
    add_element(element, "updated", format_rfc3339(entry.updated_at))
    if entry.author:
        add_element(add_element(element, "author"), "name", entry.author)
    for topic in entry.topics:
        add_element(element, "category", term=topic)
    add_element(element, "summary", entry.summary, type="text")
    if entry.content:
        add_element(element, "content", entry.content, type="html")
    if entry.picture:
        kind = {"type": entry.picture.media_type} if entry.picture.media_type else {}
        add_element(element, "link", rel="enclosure", href=entry.picture.url, **kind)
