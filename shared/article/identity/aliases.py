"""The identity of an article: its aliases, and the id that is derived from one of them.

An alias is the canonical form of a URL under which the article was seen. Drops that share an alias
belong to the same article.

A *twin* is an alias, too, but one that says more than a URL: the folded form of a URL, a space, and
a digest of the article's text. Two seeds whose URLs differ in the case of the path, in a fragment
or in `/amp` at the end share a twin if title, excerpt and body agree. Then they are one article;
otherwise they are two, and each keeps its own URL. Twins are claimed like any alias, so concurrent
drops agree about them as they do about URLs. An article has one for each text it had, so a URL that
moves with an earlier text finds it, too.
"""

import base64
import hashlib
import unicodedata
from typing import Final

from shared.article.identity.canonical_url import canonical_url, fold_url, strip_amp_suffix
from shared.article.model import URL_FIELDS, Article

_DIGEST_CHARACTERS: Final = 13  # 65 bits: among the texts of one folded URL


def collect_aliases(article: Article) -> tuple[str, ...]:
    """All aliases of *article*: unique, the most authoritative first, at least one URL, then twins.

    That is the order in which `AliasClaim` asks for them.
    """
    return (*list_urls(article), *list_twins(article))


def list_urls(article: Article) -> tuple[str, ...]:
    """The canonical forms of all URLs given for *article*: of `webUrl` first, then `originalUrl`.

    Of an AMP URL that ends in `/amp`, the page without it if the seed names that page as well, or
    names no page at all.
    """
    pages = [canonical_url(url) for url in _given_pages(article)]
    forms = dict.fromkeys(pages)
    for url in _given_amp_urls(article):
        amp_page = canonical_url(url)
        page = strip_amp_suffix(amp_page)
        is_declared = not pages or page in forms
        forms[page if is_declared else amp_page] = None
    return tuple(forms)


def list_twins(article: Article) -> tuple[str, ...]:
    """The twins of *article*: one for each folded form of its URLs."""
    digest = _digest_text(article)
    folded = dict.fromkeys(fold_url(url) for url in list_urls(article))
    return tuple(f"{url} {digest}" for url in folded)


def is_twin(alias: str) -> bool:
    """Whether *alias* says more than a URL, which has no spaces."""
    return " " in alias


def list_amp_origins(article: Article) -> tuple[str, ...]:
    """The URLs of which this article may be the AMP version: its own, without `/amp` at the end.

    Only the store can tell whether they are. See `services.ingest.identity`.
    """
    urls = list_urls(article)
    origins = dict.fromkeys(strip_amp_suffix(url) for url in urls)
    return tuple(origin for origin in origins if origin not in urls)


def primary_alias(article: Article) -> str:
    """The alias that decides the id: of `webUrl`, else `originalUrl`, else the AMP URLs."""
    return list_urls(article)[0]


def partition_key(article: Article) -> str:
    """The key of its drops: the same for all spellings of the main URL, whatever the text."""
    return fold_url(primary_alias(article))


def find_url_field(article: Article, alias: str) -> str | None:
    """The outside name of the URL field that gives *article* this alias; None for a twin."""
    for name in URL_FIELDS:
        url = getattr(article, name)
        if url is not None and alias in (form := canonical_url(url), strip_amp_suffix(form)):
            return Article.model_fields[name].alias or name
    return None


def derive_article_id(alias: str) -> str:
    """`a` and 20 characters of a-z2-7: the first 100 bits of the SHA-256 of *alias*, in base 32."""
    digest = hashlib.sha256(alias.encode()).digest()
    return "a" + base64.b32encode(digest)[:20].decode().lower()


def _digest_text(article: Article) -> str:
    """Texts agree if they differ in case, in spaces or in the composition of characters alone."""
    parts = [article.title, article.excerpt or "", article.body]
    agreed = "\n".join(_normalize_text(part) for part in parts)
    digest = hashlib.sha256(agreed.encode(errors="surrogatepass")).digest()
    return base64.b32encode(digest)[:_DIGEST_CHARACTERS].decode().lower()


def _normalize_text(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _given_pages(article: Article) -> list[str]:
    return [url for url in (article.web_url, article.original_url) if url is not None]


def _given_amp_urls(article: Article) -> list[str]:
    """Without AMP URLs that Seedwire found on the article's page.

    A page may claim any URL as its AMP version, and two articles must not be merged because of
    that.
    """
    urls: list[str | None] = []
    if "ampWebUrl" not in article.filled_in:
        urls.append(article.amp_web_url)
    if "cdnAmpWebUrl" not in article.filled_in:
        urls.append(article.cdn_amp_web_url)
    return [url for url in urls if url is not None]
