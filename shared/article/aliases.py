"""The identity of an article: its aliases, and the id that is derived from one of them.

An alias is the canonical form of a URL under which the article was seen. Drops that share an alias
belong to the same article.
"""

import base64
import hashlib

from shared.article.canonical_url import canonical_url
from shared.article.model import Article


def collect_aliases(article: Article) -> tuple[str, ...]:
    """The canonical forms of all URLs given for *article*: sorted, unique, at least one."""
    return tuple(sorted({canonical_url(url) for url in _given_urls(article)}))


def primary_alias(article: Article) -> str:
    """The alias that decides the id: of `webUrl`, else `originalUrl`, else the AMP URLs."""
    return canonical_url(_given_urls(article)[0])


def derive_article_id(alias: str) -> str:
    """`a` and 20 characters of a-z2-7: the first 100 bits of the SHA-256 of *alias*, in base 32."""
    digest = hashlib.sha256(alias.encode()).digest()
    return "a" + base64.b32encode(digest)[:20].decode().lower()


def _given_urls(article: Article) -> list[str]:
    """The URLs that the seed itself gives, most authoritative first.

    AMP URLs that Seedwire found on the article's page are left out: a page may claim any URL as its
    AMP version, and two articles must not be merged because of that.
    """
    urls = [article.web_url, article.original_url]
    if "ampWebUrl" not in article.filled_in:
        urls.append(article.amp_web_url)
    if "cdnAmpWebUrl" not in article.filled_in:
        urls.append(article.cdn_amp_web_url)
    return [url for url in urls if url is not None]
