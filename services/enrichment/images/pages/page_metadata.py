"""What an article's page says of its pictures and of its AMP twin. Pure: bytes in, URLs out.

Every page is hostile. It is cut at a limit before it is parsed, its encoding is one of those that
browsers know, and the URLs it names are checked like any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import ada_url
import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.enrichment.images.network.urls import ParsedUrl, parse_url
from services.enrichment.images.pages.head_end import HeadEndFinder
from services.enrichment.images.pages.page_text import decode_page
from services.enrichment.images.pages.sites import is_same_site

MAX_PICTURES: Final = 3  # that are tried, one after the other
MAX_SCRIPTS: Final = 8  # JSON-LD blocks; pages have one to three
MAX_GRAPH_ITEMS: Final = 64
# The parser may see tags where the finder of the end of the head sees text: 20,000 take it 0.7 s.
MAX_OPENINGS: Final = 20_000

_PICTURE_NAMES: Final = (
    "og:image:secure_url",
    "og:image:url",
    "og:image",
    "twitter:image",
    "twitter:image:src",
)


@dataclass(frozen=True)
class PageMetadata:
    """Absolute http and https URLs: pictures, the likeliest first, and the AMP twin (or "")."""

    images: tuple[str, ...] = ()
    amp_url: str = ""


def cut_head(content: bytes) -> bytes:
    """The page up to the end of its head, or to as many tags as no head has."""
    head = content[: HeadEndFinder().find(content)]
    openings = head.split(b"<", MAX_OPENINGS)
    return b"<".join(openings[:MAX_OPENINGS])


def extract_metadata(content: bytes, content_type: str, url: str) -> PageMetadata:
    """What the page at *url* says. *content* is its beginning, *content_type* the header's value.

    Blocks while it parses.
    """
    tree = LexborHTMLParser(decode_page(cut_head(content), content_type))
    base = _find_base(tree, url)
    images: dict[str, None] = {}
    for named in [*_find_meta_pictures(tree), *_find_json_ld_pictures(tree)]:
        if image_url := _resolve(named, base):
            images[image_url] = None
    return PageMetadata(tuple(images)[:MAX_PICTURES], _find_amp_url(tree, base, url))


def _find_base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    if node is None:
        return url
    return _resolve(_attribute(node, "href"), url) or url


def _find_meta_pictures(tree: LexborHTMLParser) -> Iterator[str]:
    """The pictures in `meta` elements, in the order of _PICTURE_NAMES."""
    contents: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or ""
        contents.setdefault(name.strip().lower(), []).append(attributes.get("content") or "")
    for name in _PICTURE_NAMES:
        yield from contents.get(name, [])[:MAX_PICTURES]


def _find_json_ld_pictures(tree: LexborHTMLParser) -> Iterator[str]:
    """The pictures that JSON-LD names as `image`."""
    for node in tree.css('script[type="application/ld+json"]')[:MAX_SCRIPTS]:
        try:
            data = orjson.loads(node.text())
        except orjson.JSONDecodeError:
            continue
        for item in _list_items(data):
            yield from _list_image_urls(item.get("image"))


def _list_items(data: Any) -> Iterable[dict[str, Any]]:
    """The objects of a JSON-LD block, then those of their graphs."""
    listed = data if isinstance(data, list) else [data]
    items = [item for item in listed[:MAX_SCRIPTS] if isinstance(item, dict)]
    graph_items: list[dict[str, Any]] = []
    for item in items:
        graph = item.get("@graph")
        if isinstance(graph, list):
            graph_items += [node for node in graph[:MAX_GRAPH_ITEMS] if isinstance(node, dict)]
    return [*items, *graph_items]


def _list_image_urls(value: Any) -> Iterator[str]:
    """From a URL, an object with a URL, or a list of either."""
    images = value[:MAX_PICTURES] if isinstance(value, list) else [value]
    for image in images:
        url = image
        if isinstance(image, dict):
            url = image.get("url") or image.get("contentUrl")
        if isinstance(url, str):
            yield url


def _find_amp_url(tree: LexborHTMLParser, base: str, url: str) -> str:
    """The page's AMP twin, if it is on the same site: a page does not speak for other sites."""
    for node in tree.css("link[rel][href]"):
        if "amphtml" in _attribute(node, "rel").lower().split():
            amp_url = _resolve(_attribute(node, "href"), base)
            return amp_url if amp_url and is_same_site(amp_url, url) else ""
    return ""


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _resolve(text: str, base: str) -> str | None:
    """The absolute URL of *text*, or None if we would not fetch it."""
    if not text.strip():
        return None
    try:
        parsed = parse_url(ada_url.URL(text.strip(), base).href)
    except ValueError:
        return None
    return parsed.url if isinstance(parsed, ParsedUrl) else None
