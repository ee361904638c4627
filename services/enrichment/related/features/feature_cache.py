"""The features of many articles side by side in arrays, ready for scoring pairs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    Int8Array,
    Int32Array,
    double_length,
)
from services.enrichment.related.features.id_index import IdIndex, split_ids
from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.titles.title_cache import TitleCache
from shared.store import Signature, Store

MAX_ARTICLES: Final = 15_000  # some 5 KB each: more than a day of a busy feed
STEMS_PER_ARTICLE: Final = 32  # on average, or fewer
INITIAL_ARTICLES: Final = 1024  # the arrays grow by doubling

_SECONDS_PER_DAY: Final = 86_400


class FeatureCache:
    """The features of articles, by a number for each article.

    It may be dropped at any time: `load` compares the versions with the store's.

    There is one row for each article: publication as `days` since 1970, `outlets` by number (0 if
    unknown), `versions`, `terms`, `titles`, and its direction, which is `codes` (n × d, whole
    numbers, zeros without a direction) times `scales`.

    There is one entry for each stem of an article, `lengths` of them from `starts` on: the numbers
    of the `stems`, and their `weights` (L2 norm 1).
    """

    def __init__(self, reader: Reader, signatures: Iterable[Signature] = ()) -> None:
        self._reader = reader
        self._article_index = IdIndex()
        self._stem_index = IdIndex("")  # an article without words has this one, of weight 0
        self._outlet_index = IdIndex("")
        self.article_ids = self._article_index.ids
        self._allocate_articles(INITIAL_ARTICLES)
        self._allocate_entries(INITIAL_ARTICLES * STEMS_PER_ARTICLE)
        self.add(signatures)

    def _allocate_articles(self, size: int) -> None:
        self.versions: list[int] = []
        self.terms: list[Sequence[str]] = []
        self.titles = TitleCache(self._list_stems)
        self.codes: Int8Array = np.zeros((size, self._reader.dimensions), np.int8)
        self.scales: Float32Array = np.zeros(size, np.float32)
        self.days: Float64Array = np.zeros(size)
        self.outlets: Int32Array = np.zeros(size, np.int32)
        self.starts: Int32Array = np.zeros(size, np.int32)
        self.lengths: Int32Array = np.zeros(size, np.int32)

    def _allocate_entries(self, size: int) -> None:
        self._entry_count = 0
        self.stems: Int32Array = np.zeros(size, np.int32)
        self.weights: Float32Array = np.zeros(size, np.float32)

    def __len__(self) -> int:
        return len(self.article_ids)

    @property
    def is_full(self) -> bool:
        """Whether to start again with an empty cache: replaced versions take up space too."""
        return len(self) > MAX_ARTICLES or self._entry_count > MAX_ARTICLES * STEMS_PER_ARTICLE

    @property
    def stem_count(self) -> int:
        """How many different stems the articles have."""
        return len(self._stem_index)

    def has_direction(self, articles: Int32Array) -> BoolArray:
        """Whether each of these articles has a direction."""
        return np.asarray(self.scales[articles] > 0)

    def directions_of(self, articles: Int32Array | slice) -> Float32Array:
        """The directions of these articles, each of length 1; zeros for one without."""
        return np.asarray(self.codes[articles] * self.scales[articles, None], np.float32)

    async def load(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """Load the newest versions of these articles and return their numbers.

        Articles without a signature are left out.
        """
        for part in split_ids([*ids]):
            versions = {article_id: self._version_of(article_id) for article_id in part}
            changed = await store.signatures.get_if_changed(versions)
            self.add(changed.values())
        index = self._article_index
        return {article_id: index[article_id] for article_id in ids if article_id in index}

    def _version_of(self, article_id: str) -> int:
        """The cached version; 0 for an article that is not cached."""
        number = self._article_index.get(article_id)
        return 0 if number is None else self.versions[number]

    def add(self, signatures: Iterable[Signature]) -> None:
        """Add the features of these articles, or replace older ones."""
        added = [*signatures]
        if not added:
            return
        numbers = self._index_articles([signature.article_id for signature in added])
        self._set_articles(numbers, added)
        vectors = [signature.vector or {"": 0.0} for signature in added]
        lengths = np.array([*map(len, vectors)], np.int32)
        self.lengths[numbers] = lengths
        self.starts[numbers] = self._entry_count + np.cumsum(lengths) - lengths
        self._append_entries(vectors)

    def entry_range(self, article: int) -> slice:
        """Where the stems of this article are."""
        start = self.starts[article]
        return slice(start, start + self.lengths[article])

    def entry_positions(self, articles: Int32Array) -> tuple[Int32Array, Int32Array]:
        """Where the stems of these articles are, one article after the other.

        The second array says where each article begins in the first.
        """
        lengths = self.lengths[articles]
        begins = np.cumsum(lengths, dtype=np.int32) - lengths
        offsets = np.repeat(self.starts[articles] - begins, lengths)
        return offsets + np.arange(lengths.sum(), dtype=np.int32), begins

    def _index_articles(self, ids: Sequence[str]) -> list[int]:
        """The numbers of these articles, with room in the arrays for each."""
        numbers = self._article_index.index_all(ids)
        for _ in range(len(self.versions), len(self)):
            self.versions.append(0)
            self.terms.append(())
        while len(self) > len(self.days):
            self._grow_articles()
        return numbers

    def _set_articles(self, numbers: Sequence[int], signatures: Sequence[Signature]) -> None:
        for number, signature in zip(numbers, signatures, strict=True):
            self.versions[number] = signature.version
            self.terms[number] = self._share_stems(signature.terms)
            self.titles.set(number, signature.title)
            self.days[number] = signature.published_at.timestamp() / _SECONDS_PER_DAY
            self.outlets[number] = self._outlet_index[signature.outlet]
        codes = self._reader.parse_directions([signature.direction for signature in signatures])
        lengths = np.linalg.norm(codes.astype(np.float32), axis=1)
        self.codes[numbers] = codes
        self.scales[numbers] = np.where(lengths > 0, 1 / np.maximum(lengths, 1), 0)

    def _share_stems(self, stems: Iterable[str]) -> tuple[str, ...]:
        """These stems, as strings that all articles share: they take less memory."""
        names = self._stem_index.ids
        return tuple(names[number] for number in self._stem_index.index_all(stems))

    def _list_stems(self, article: int) -> list[str]:
        """All stems of an article."""
        names = self._stem_index.ids
        return [names[number] for number in self.stems[self.entry_range(article)].tolist()]

    def weights_of(self, article: int) -> dict[str, float]:
        """The weights of an article's stems."""
        weights = self.weights[self.entry_range(article)].tolist()
        return dict(zip(self._list_stems(article), weights, strict=True))

    def _append_entries(self, vectors: Sequence[Mapping[str, float]]) -> None:
        stems = [*chain.from_iterable(vectors)]
        end = self._entry_count + len(stems)
        while end > len(self.stems):
            self._grow_entries()
        place = slice(self._entry_count, end)
        self.stems[place] = self._stem_index.index_all(stems)
        self.weights[place] = [*chain.from_iterable(vector.values() for vector in vectors)]
        self._entry_count = end

    def _grow_articles(self) -> None:
        self.codes = double_length(self.codes)
        self.scales = double_length(self.scales)
        self.days = double_length(self.days)
        self.outlets = double_length(self.outlets)
        self.starts = double_length(self.starts)
        self.lengths = double_length(self.lengths)

    def _grow_entries(self) -> None:
        self.stems = double_length(self.stems)
        self.weights = double_length(self.weights)


class FeatureCaches:
    """The feature cache of a worker, which is replaced by an empty one once it is full."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._current = FeatureCache(reader)

    def get(self) -> FeatureCache:
        if self._current.is_full:
            self._current = FeatureCache(self._reader)
        return self._current
