"""Which articles a seed lists as related, by their URLs."""

from shared.article.identity.canonical_url import canonical_url
from shared.article.model import Article, RelatedEntry


def list_related_urls(article: Article) -> set[str]:
    """The canonical forms of all URLs in the article's `related`."""
    urls: set[str] = set()
    for entry in article.related:
        urls.update(list_entry_urls(entry))
    return urls


def list_entry_urls(entry: RelatedEntry) -> list[str]:
    """The canonical forms of the URLs of one entry."""
    given = (entry.web_url, entry.original_url, entry.amp_web_url, entry.cdn_amp_web_url)
    return [canonical_url(url) for url in given if url is not None]
