"""What an article's seed lists as related, as the store keeps it. Pure.

The store finds articles by the terms of their signatures. Here the terms of an article are the
canonical URLs that its seed lists: so an article that arrives finds those that listed it before.
"""

from collections.abc import Iterable

from shared.article import list_related_urls
from shared.store import Signature, StoredArticle


def build_signatures(articles: Iterable[StoredArticle]) -> list[Signature]:
    """What is kept of these articles: the URLs that each of them lists."""
    signatures: list[Signature] = []
    for stored in articles:
        urls = tuple(sorted(list_related_urls(stored.article)))
        published_at = stored.article.published_date_time
        signatures.append(Signature(stored.id, stored.version, published_at, urls, vector={}))
    return signatures


def build_search_signature(stored: StoredArticle) -> Signature:
    """A signature like that of an article which lists this one; it is never saved.

    The store finds such articles by it. Their dates do not count, so the date of this one, for
    which its seed would have to be parsed, is not in it.
    """
    return Signature(stored.id, stored.version, stored.accepted_at, stored.aliases, vector={})
