"""The canonical form of a URL: one spelling for all URLs that lead to the same page.

A canonical form must never name two pages, for what it names is one article. So it changes only
what cannot tell pages apart. The *folded* form goes further, into what rarely does: the case of a
path, a fragment, `/amp` at the end. Two URLs with one folded form are the same page only if what
their seeds say agrees; see `aliases`.

The rules were derived from 579 URLs of 512 real articles; a test verifies that they never merge two
of those articles. URLs are parsed by the WHATWG parser (`ada_url`), as they are for fetching.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import ada_url

from shared.article.identity.amp_inner_page import find_inner_page
from shared.article.identity.tracking import is_tracking
from shared.article.identity.youtube import find_video_id

# fmt: off
_AMP_SWITCHES: Final = frozenset({
    "amp", "_amp", "amp=1", "amp=true", "_amp=1", "_amp=true", "outputtype=amp", "output=amp",
})
_PAGE_PARTS: Final = frozenset({
    "comment", "comments", "content", "disqus_thread", "main", "respond", "top",
})
"""Fragments that name a part of any page, whatever it says."""
# fmt: on

_PARTS = ("hostname", "port", "pathname", "search", "hash")

_AMP_PREFIX = re.compile(r"^(?:/+amp)+/+(?=[^/])", re.IGNORECASE)
_AMP_SUFFIXES: Final = ("/amp", ".amp")
_QUERY_OR_FRAGMENT = re.compile("[?#]")

_HOST_PREFIXES: Final = ("www.", "amp.", "m.", "mobile.")
_MOBILE_WIKI = re.compile(
    r"(?<=\.)m\.(?=(?:wikipedia|wikinews|wikivoyage|wikiquote|wiktionary)\.org$)"
)

_ESCAPE = re.compile("%(?:([0-9A-Fa-f]{2}))?")
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

_CACHE_SIZE: Final = 4096  # a batch asks for the forms of each of its URLs several times


@lru_cache(_CACHE_SIZE)
def canonical_url(url: str) -> str:
    """The one spelling for all URLs of a page; its own canonical form, behind `https://`.

    It has no scheme, `www.`, `amp.`, `m.` or `mobile.`, default port, trailing slash, `/amp/` at
    the beginning of its path, nor `.amp` before `.html`. Percent-encodings are in upper case, and
    only where they are needed. Query parameters are sorted and keep their case; tracking parameters
    and AMP switches are removed, and so are fragments that every page has, such as `#comments`.
    URLs of AMP caches, of Google's AMP viewer and YouTube's short forms become the URL of the page
    they show. The path keeps its case.

    Raises ValueError for text that is no URL; no valid article holds any.
    """
    form = _canonicalize(url)
    while True:
        # What was removed may have hidden more of the same. No round makes the form longer.
        try:
            again = _canonicalize(f"https://{form}")
        except ValueError:
            return form
        if again == form:
            return form
        form = again


def fold_url(canonical: str) -> str:
    """The folded form of a canonical URL: path in lower case, no fragment, no `/amp` at the end.

    A fragment that is the route of a single-page application (`#!…`, `#/…`) stays.
    """
    page, hash_sign, fragment = canonical.partition("#")
    path, question_mark, query = page.partition("?")
    path = path.lower()
    while (shorter := _strip_one_amp(path)) != path:
        path = shorter.rstrip("/")
    route = f"{hash_sign}{fragment}" if fragment.startswith(("!", "/")) else ""
    return f"{path}{question_mark}{query}{route}"


def strip_amp_suffix(canonical: str) -> str:
    """The canonical URL of the page whose AMP version this may be; itself if it ends otherwise."""
    match = _QUERY_OR_FRAGMENT.search(canonical)
    end = match.start() if match else len(canonical)
    return _strip_one_amp(canonical[:end]) + canonical[end:]


def _strip_one_amp(page: str) -> str:
    """Host and path without `/amp` or `.amp` at their end, if there is a path before it."""
    if page[-4:].lower() not in _AMP_SUFFIXES:
        return page
    shorter = page[:-4]
    _, _, path = shorter.partition("/")
    if not path or path.endswith(("/", ".")):
        return page
    return shorter


def _canonicalize(url: str) -> str:
    parts = _parse_inner_page(url)
    host = _normalize_host(parts["hostname"])
    parameters = _keep_relevant_parameters(host, parts["search"])
    video_id = find_video_id(host, parts["pathname"], parameters)
    if video_id:
        return f"youtube.com/watch?v={video_id}"
    port = f":{parts['port']}" if parts["port"] else ""
    query = "?" + "&".join(sorted(parameters)) if parameters else ""
    path = _normalize_path(parts["pathname"])
    return f"{host}{port}{path}{query}{_normalize_fragment(host, parts['hash'])}"


def _parse_inner_page(url: str) -> Mapping[str, Any]:
    """The parts of *url*, or of the page that it shows if it is an AMP cache or viewer."""
    while True:
        parts = ada_url.parse_url(url, _PARTS)
        inner = find_inner_page(_normalize_host(parts["hostname"]), parts["pathname"])
        if inner is None or not ada_url.check_url(f"https://{inner}"):
            return parts
        url = f"https://{inner}{parts['search']}"


def _normalize_host(hostname: str) -> str:
    host = hostname.strip(".") or hostname
    while (start := host.find(".") + 1) > 0:
        if host[:start] not in _HOST_PREFIXES or "." not in host[start:]:
            break
        host = host[start:]
    return _MOBILE_WIKI.sub("", host)


def _normalize_path(path: str) -> str:
    path = _AMP_PREFIX.sub("/", _normalize_escapes(path).rstrip("/"))
    name, dot, extension = path.rpartition(".")
    if extension.lower() in ("html", "htm"):
        while name[-4:].lower() == ".amp":
            name = name[:-4]
    return f"{name}{dot}{extension}"


def _normalize_escapes(text: str) -> str:
    """*text* with percent-encodings in upper case, decoded where URLs need none (RFC 3986, 6.2)."""
    return _ESCAPE.sub(_normalize_escape, text) if "%" in text else text


def _normalize_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"  # a percent sign that escapes nothing
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else f"%{match[1].upper()}"


def _keep_relevant_parameters(host: str, search: str) -> list[str]:
    kept: list[str] = []
    for raw in search.removeprefix("?").split("&"):
        parameter = _normalize_escapes(_strip_entity(raw))
        if parameter and not _is_noise(host, parameter):
            kept.append(parameter)
    return kept


def _strip_entity(parameter: str) -> str:
    """Without the `amp;` that is left of an ampersand which was escaped for HTML."""
    while parameter[:4].lower() == "amp;":
        parameter = parameter[4:]
    return parameter


def _is_noise(host: str, parameter: str) -> bool:
    """Whether *parameter* only tracks the reader or switches to AMP."""
    return parameter.lower().rstrip("=") in _AMP_SWITCHES or is_tracking(host, parameter)


def _normalize_fragment(host: str, fragment: str) -> str:
    """The fragment with its `#`; empty if it names no text of its own, or only tracks the reader.

    `:~:` begins a text fragment, which the browser keeps to itself.
    """
    text = _normalize_escapes(fragment.removeprefix("#").partition(":~:")[0])
    if not text or text.lower() in _PAGE_PARTS:
        return ""
    if all(_is_noise(host, part) for part in text.split("&") if "=" in part) and "=" in text:
        return ""
    return f"#{text}"
