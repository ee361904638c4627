"""The titles of many articles in little memory, ready to be compared when they are needed.

As it is compared, a title takes some 5 KB, and most articles are compared with few others. So all
that is kept of a title is its words, which many titles share, and the titles that were compared
last.
"""

from collections.abc import Callable, Collection
from typing import Final

from services.enrichment.related.features.titles.title_words import ComparedTitle, prepare_title
from shared.store import TitleWord

MAX_PREPARED: Final = 2048  # some 10 MB


class TitleCache:
    """The titles of articles, by number. *list_stems* lists the stems of one."""

    def __init__(self, list_stems: Callable[[int], Collection[str]]) -> None:
        self._list_stems = list_stems
        self._shared: dict[TitleWord, TitleWord] = {}
        self._titles: dict[int, tuple[TitleWord, ...]] = {}
        self._prepared: dict[int, ComparedTitle] = {}

    def set(self, article: int, words: Collection[TitleWord]) -> None:
        """Set the title of an article, or replace it; its stems have been replaced too."""
        self._titles[article] = tuple(self._shared.setdefault(word, word) for word in words)
        self._prepared.pop(article, None)

    def __getitem__(self, article: int) -> ComparedTitle:
        prepared = self._prepared.get(article)
        if prepared is None:
            prepared = prepare_title(self._titles[article], self._list_stems(article))
            if len(self._prepared) >= MAX_PREPARED:
                self._prepared.clear()
            self._prepared[article] = prepared
        return prepared
