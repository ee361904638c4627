"""What the page of an article says of its pictures and of its AMP twin. Pure: bytes in, addresses out.

Every page is hostile: it is cut at a bound before it is parsed, its charset is one of those that browsers know, and
what it names is checked like any address.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import ada_url
import orjson
from selectolax.lexbor import LexborHTMLParser

from services.enrichment.images.network.urls import Location, located

CANDIDATES: Final = 3  # pictures tried, one after the other
SCRIPTS: Final = 8  # JSON-LD blocks looked at; pages have one to three
TAGS: Final = 10_000  # heads have hundreds; 100,000 of them inside each other take the parser 11 s, so many 0.1 s
HEAD_END: Final = re.compile(rb"</head[\s>]|<body[\s>]", re.IGNORECASE)

_NAMES: Final = (
    *("og:image:secure_url", "og:image:url", "og:image"),
    *("twitter:image", "twitter:image:src"),
)
_META_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}[\"']?\s{0,8}([\w:.-]{2,40})", re.IGNORECASE
)
_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
_SNIFFED: Final = 4096  # bytes in which a page says its charset; browsers look at 1024
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_READ_AS: Final = {  # what browsers read under another name
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",  # a page that can say so in ASCII is none
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_KNOWN: Final = frozenset(
    {
        "utf-8",
        "gb18030",
        "big5",
        "big5hkscs",
        "euc_jp",
        "iso2022_jp",
        "cp932",
        "cp949",
        "koi8-r",
        "koi8-u",
        "cp866",
    }
    | {
        "cp874",
        "mac-roman",
        *(f"cp125{n}" for n in range(9)),
        *(f"iso8859-{n}" for n in range(2, 17)),
    }
)  # no others: Python also decodes what is no text


@dataclass(frozen=True)
class Found:
    """Absolute http(s) addresses: pictures, the likeliest first, and the AMP page (or "")."""

    images: tuple[str, ...] = ()
    amp_url: str = ""


def head_of(content: bytes) -> bytes:
    """The page up to the end of its head, or its first TAGS tags."""
    end = HEAD_END.search(content)
    head = content[: end.start()] if end else content
    return b"<".join(head.split(b"<", TAGS)[:TAGS])


def find(content: bytes, content_type: str, url: str) -> Found:
    """What the page at *url* says. *content* is its beginning, *content_type* the header's value."""
    tree = LexborHTMLParser(decoded(head_of(content), content_type))
    base = _base(tree, url)
    named = [*_named(tree), *_structured(tree)]
    images = dict.fromkeys(address for text in named if (address := _absolute(text, base)))
    return Found(tuple(images)[:CANDIDATES], _amp(tree, base, url))


def decoded(content: bytes, content_type: str) -> str:
    """Text, by byte order mark, header, or the page's own word; UTF-8 otherwise. What does not fit is replaced."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    said = _HEADER_CHARSET.search(content_type[:200])
    meta = _META_CHARSET.search(content[:_SNIFFED])
    names = [said[1] if said else "", meta[1].decode("ascii", errors="replace") if meta else ""]
    return content.decode(next(filter(None, map(_charset, names)), "utf-8"), errors="replace")


def _charset(label: str) -> str | None:
    """Python's name of a charset that browsers know."""
    try:
        name = codecs.lookup(label).name if label else ""
    except (LookupError, ValueError):
        return None
    name = _READ_AS.get(name, name)
    return name if name in _KNOWN else None


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    given = (node.attributes.get("href") if node else None) or ""
    return _absolute(given, url) or url


def _named(tree: LexborHTMLParser) -> Iterator[str]:
    """What `meta` elements name, in the order of `_NAMES`."""
    said: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
        said.setdefault(name, []).append(attributes.get("content") or "")
    for name in _NAMES:
        yield from said.get(name, [])[:CANDIDATES]


def _structured(tree: LexborHTMLParser) -> Iterator[str]:
    """What JSON-LD names as `image`."""
    for node in tree.css('script[type="application/ld+json"]')[:SCRIPTS]:
        try:
            data = orjson.loads(node.text())
        except orjson.JSONDecodeError:
            continue
        for thing in _things(data):
            yield from _images(thing.get("image"))


def _things(data: Any) -> Iterable[dict[str, Any]]:
    listed = data if isinstance(data, list) else [data]
    things = [thing for thing in listed[:SCRIPTS] if isinstance(thing, dict)]
    graphs = [thing["@graph"] for thing in things if isinstance(thing.get("@graph"), list)]
    return [
        *things,
        *(thing for graph in graphs for thing in graph[: 8 * SCRIPTS] if isinstance(thing, dict)),
    ]


def _images(value: Any) -> Iterator[str]:
    """An address, an object with one, or a list of either."""
    for one in value[:CANDIDATES] if isinstance(value, list) else [value]:
        address = (one.get("url") or one.get("contentUrl")) if isinstance(one, dict) else one
        if isinstance(address, str):
            yield address


def _amp(tree: LexborHTMLParser, base: str, url: str) -> str:
    """The page's AMP twin, if it is on the same site: a page does not speak for others."""
    for node in tree.css("link[rel][href]"):
        if "amphtml" in (node.attributes.get("rel") or "").lower().split():
            address = _absolute(node.attributes.get("href") or "", base)
            return address if address and _site(address) == _site(url) else ""
    return ""


def _site(url: str) -> str:
    """The last two labels of the host: enough to tell strangers, though not all who share a suffix. An IP whole."""
    host = str(ada_url.URL(url).hostname)
    is_number = host.startswith("[") or host.rpartition(".")[2].isdecimal()
    return host if is_number else ".".join(host.split(".")[-2:])


def _absolute(text: str, base: str) -> str | None:
    """An address that we would fetch, or None."""
    try:
        address = located(ada_url.URL(text.strip(), base).href) if text.strip() else None
    except ValueError:
        return None
    return address.url if isinstance(address, Location) else None
