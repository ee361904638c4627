"""The contents of articles that consumers see, kept in memory for as long as there is room.

What consumers see of one version of an article never changes, except for its pictures. A lead is
published again with each new relative and shows the same ten, and parsing a seed costs a thousand
times as much as looking it up here.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shared.article import Article
from shared.store import Store, StoredArticle

MAX_BYTES: Final = 32 * 2**20
_BYTES_OF_AN_ARTICLE: Final = 8_000  # parsed, with its usual fields


class ShownArticles:
    """Articles without the `related` of their seeds, which no consumer sees."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, tuple[StoredArticle, int]] = OrderedDict()
        self._bytes = 0

    async def load(self, versions: Mapping[str, int], store: Store) -> dict[str, StoredArticle]:
        """These articles at these versions, or newer ones; unknown ids are left out."""
        found: dict[str, StoredArticle] = {}
        missing: list[str] = []
        for article_id, version in versions.items():
            kept = self._kept.get(article_id)
            if kept is not None and kept[0].version == version:
                self._kept.move_to_end(article_id)
                found[article_id] = kept[0]
            else:
                missing.append(article_id)
        read = await store.articles.get(missing) if missing else {}
        for article_id, stored in read.items():
            found[article_id] = self.keep(stored)
        return found

    def keep(self, stored: StoredArticle) -> StoredArticle:
        """Keep *stored*, which is parsed if it was not yet; returns what is kept of it."""
        slim = _slim(stored)
        size = _measure(slim.article_without_related)
        self._remove(stored.id)
        self._kept[stored.id] = slim, size
        self._bytes += size
        while self._bytes > self._max_bytes:
            self._remove(next(iter(self._kept)))
        return slim

    def _remove(self, article_id: str) -> None:
        _, size = self._kept.pop(article_id, (None, 0))
        self._bytes -= size


def _slim(stored: StoredArticle) -> StoredArticle:
    """*stored* with its content parsed, but without the seed, which may be a hundred times as long.

    A seed of real sites is mostly its `related`. Its `article` can no longer be read.
    """
    slim = replace(stored, seed=b"")
    # The content that was parsed from the seed is taken from here from now on.
    vars(slim)["article_without_related"] = stored.article_without_related
    return slim


def _measure(article: Article) -> int:
    """About how many bytes of memory the article takes."""
    extra = len(repr(article.model_extra)) if article.model_extra else 0
    images = len(article.images) * 1_000
    return _BYTES_OF_AN_ARTICLE + images + len(article.body) + len(article.excerpt or "") + extra
