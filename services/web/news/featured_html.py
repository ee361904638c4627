"""HTML of strangers, cleaned: what a seed has in `featuredContent` goes into pages as it is."""

import re
from copy import deepcopy
from html import unescape
from typing import Any, Final

import nh3

# Players of videos, which real seeds embed; any other frame stays empty.
_PLAYERS: Final = re.compile(
    r"https://(www\.youtube\.com/embed|www\.youtube-nocookie\.com/embed|player\.vimeo\.com/video)/"
    r"[\w/-]+(\?[\w=&%-]*)?",
    re.ASCII,
)

_BLOCK: Final = re.compile(  # what parts words without a space
    r"<(?=/?(?:p|div|br|hr|li|ul|ol|h[1-6]|td|th|tr|table|blockquote|figure|figcaption)\b)",
    re.IGNORECASE,
)


def _build_attributes() -> dict[str, set[str]]:
    attributes = deepcopy(nh3.ALLOWED_ATTRIBUTES)
    attributes["iframe"] = {"src", "width", "height", "title", "allowfullscreen"}
    return attributes


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "iframe" and name == "src" and not _PLAYERS.fullmatch(value):
        return None
    return value


_CLEANER: Final = nh3.Cleaner(
    tags=nh3.ALLOWED_TAGS | {"iframe"},
    attributes=_build_attributes(),
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
)


def clean_html(html: str) -> str:
    """*html* without scripts, styles, handlers, forms and foreign frames."""
    return _CLEANER.clean(html)


def extract_text(html: str) -> str:
    """The text of *html* in one line, without any tag."""
    apart = _BLOCK.sub(" <", html)
    return " ".join(unescape(nh3.clean(apart, tags=set())).split())


def clean_featured_content(value: Any) -> Any:
    """The field as it is served. A text is HTML; inside of other values, a text with a tag is."""
    if isinstance(value, str):
        return clean_html(value)
    return _clean_inside(value)


def _clean_inside(value: Any) -> Any:
    match value:
        case str():
            return clean_html(value) if "<" in value else value
        case dict():
            return {name: _clean_inside(inner) for name, inner in value.items()}
        case list():
            return [_clean_inside(item) for item in value]
        case _:
            return value
