"""Which addresses name the same page: the canonical form of a URL, and the identity of an article.

Source of the rules: 579 addresses of 512 real articles; a test holds that they join no two of them. Addresses are
read by the WHATWG parser (`ada_url`), the same that decides what is fetched.
"""

import base64
import hashlib
import re

import ada_url

from shared.article.model import Article

_CASED_PATHS = frozenset(
    {
        "amzn.to",
        "apple.news",
        "bit.ly",
        "buff.ly",
        "dlvr.it",
        "fb.me",
        "flip.it",
        "goo.gl",
        "ift.tt",
        "is.gd",
    }
    | {
        "lnkd.in",
        "msft.it",
        "nyti.ms",
        "ow.ly",
        "redd.it",
        "reut.rs",
        "t.co",
        "tinyurl.com",
        "trib.al",
        "wp.me",
    }
    | {"youtu.be", "youtube.com"}
)
"""Hosts whose paths are codes: `bit.ly/aB` and `bit.ly/AB` are different pages. Anywhere else case moves freely."""

_TRACKERS = frozenset(
    {
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "dclid",
        "fbclid",
        "gbraid",
        "gclid",
        "igsh",
        "igshid",
        "li_fat_id",
        "mc_cid",
    }
    | {
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "ncid",
        "ocid",
        "oly_anon_id",
        "oly_enc_id",
        "ref_src",
        "s_cid",
        "smid",
    }
    | {"ttclid", "twclid", "vero_id", "wbraid", "wt.mc_id", "yclid"}
    | {"amp_gsa", "amp_js_v", "usqp"}  # of AMP viewers
)
_SWITCHES = frozenset({"amp", "_amp", "amp=1", "amp=true", "_amp=1", "_amp=true", "outputtype=amp"})

_AMP_CACHE_HOST = re.compile(r"(?:[a-z0-9-]+\.)?cdn\.ampproject\.org|[a-z0-9-]+\.bing-amp\.com")
_AMP_CACHE_PATH = re.compile(r"/[a-z]{1,2}/(?:s/)?([^/]+\.[^/]+.*)")
_GOOGLE_HOST = re.compile(r"google\.[a-z.]{2,6}")
_GOOGLE_AMP_PATH = re.compile(r"/amp/(?:s/)?([^/]+\.[^/]+.*)")
_AMP_SUFFIX = re.compile(r"(?<=[^/])/amp$", re.IGNORECASE)
_YOUTUBE_HOSTS = frozenset(
    {"youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com"}
)
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v)/([\w-]{6,})(?:/|$)", re.ASCII)
_YOUTUBE_ID = re.compile(r"[\w-]{6,}", re.ASCII)
_WRAPPINGS = 3  # a cache of a viewer of a cache; deeper ones are somebody's joke


def aliases(article: Article) -> tuple[str, ...]:
    """The canonical forms of all addresses given for *article*: sorted, unique, at least one."""
    return tuple(sorted({canonical(url) for url in _urls(article)}))


def primary(article: Article) -> str:
    """The alias that stands for *article*: of `webUrl`, else `originalUrl`, else the AMP ones."""
    return canonical(_urls(article)[0])


def article_id(alias: str) -> str:
    """`a` and 20 characters of a-z2-7: the first 100 bits of the SHA-256 of *alias*, in base 32."""
    digest = hashlib.sha256(alias.encode()).digest()
    return "a" + base64.b32encode(digest)[:20].decode().lower()


def canonical(url: str) -> str:
    """One spelling for all addresses of a page: no scheme, `www.`, `amp.`, default port or trailing slash.

    No fragment, unless it is the route of a one-page site (`#!…`, `#/…`). The path is in lower case except on hosts
    whose paths are codes; an `/amp` at its end goes. Query parameters are sorted and keep their case; trackers and
    AMP switches go. AMP caches, Google's AMP viewer and YouTube's short forms become the page they show.
    Raises ValueError for what is not an address; no valid article holds such.
    """
    for _ in range(_WRAPPINGS):
        parts = ada_url.parse_url(url, ("hostname", "port", "pathname", "search", "hash"))
        host, path = _host(parts["hostname"]), parts["pathname"]
        inner = _unwrapped(host, path)
        if inner is None or not ada_url.check_url(f"https://{inner}"):
            break
        url = f"https://{inner}{parts['search']}"
    query = _query(parts["search"])
    video = _video(host, path, query)
    if video:
        return f"youtube.com/watch?v={video}"
    port = f":{parts['port']}" if parts["port"] else ""
    return f"{host}{port}{_path(host, path)}{_suffix('?', '&'.join(sorted(query)))}{_route(parts['hash'])}"


def _urls(article: Article) -> list[str]:
    """The addresses given. One that was found by us joins no articles: a page may claim any AMP twin."""
    found = article.filled_in
    amp = None if "ampWebUrl" in found else article.amp_web_url
    cdn_amp = None if "cdnAmpWebUrl" in found else article.cdn_amp_web_url
    return [url for url in (article.web_url, article.original_url, amp, cdn_amp) if url is not None]


def _host(hostname: str) -> str:
    host = hostname.strip(".") or hostname
    for prefix in ("www.", "amp."):
        bare = host.removeprefix(prefix)
        host = bare if "." in bare else host
    return host


def _unwrapped(host: str, path: str) -> str | None:
    if _AMP_CACHE_HOST.fullmatch(host):
        inner = _AMP_CACHE_PATH.fullmatch(path)
    elif _GOOGLE_HOST.fullmatch(host):
        inner = _GOOGLE_AMP_PATH.fullmatch(path)
    else:
        return None
    return inner[1] if inner else None


def _path(host: str, path: str) -> str:
    if host in _CASED_PATHS:
        return path.rstrip("/")
    return _AMP_SUFFIX.sub("", path.lower().rstrip("/")).rstrip("/")


def _query(search: str) -> list[str]:
    return [
        parameter
        for parameter in search.removeprefix("?").split("&")
        if parameter and not _is_noise(parameter)
    ]


def _is_noise(parameter: str) -> bool:
    lower = parameter.lower()
    name = lower.partition("=")[0]
    return name.startswith("utm_") or name in _TRACKERS or lower.rstrip("=") in _SWITCHES


def _video(host: str, path: str, query: list[str]) -> str | None:
    """The id of the YouTube video that the address shows."""
    if host == "youtu.be":
        return _video_id(path.strip("/"))
    if host not in _YOUTUBE_HOSTS:
        return None
    if path.rstrip("/").lower() == "/watch":
        return next(
            (_video_id(parameter[2:]) for parameter in query if parameter.startswith("v=")), None
        )
    short = _YOUTUBE_PATH.match(path)
    return short[1] if short else None


def _video_id(text: str) -> str | None:
    return text if _YOUTUBE_ID.fullmatch(text) else None


def _route(fragment: str) -> str:
    return fragment if fragment.startswith(("#!", "#/")) else ""


def _suffix(mark: str, text: str) -> str:
    return f"{mark}{text}" if text else ""
