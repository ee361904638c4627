"""The features of many articles side by side in arrays, ready for scoring pairs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate, chain, pairwise
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
from services.enrichment.related.features.id_index import IdIndex
from services.enrichment.related.features.word_vectors import StemTable
from shared.store import Signature, Store

MAX_ARTICLES: Final = 20_000  # some 1 KB each: more than two days of a busy feed
STEMS_PER_ARTICLE: Final = 32  # on average, or fewer
INITIAL_ARTICLES: Final = 1024  # the arrays grow by doubling

_SECONDS_PER_DAY: Final = 86_400


class FeatureCache:
    """The features of articles, by a number for each article.

    It is no state, but a cache: `load` compares the versions with the store's.

    One row for each article: `directions` (n × d, zeros unless `has_direction`), `embeddings`
    (empty unless `has_embedding`), publication as `days` since 1970, `columns` by number (0 for
    none), `versions` and `terms`.

    One entry for each stem of an article, `lengths` of them from `starts` on: the numbers of the
    `stems`, their `weights` (L2 norm 1), their rows in the table (`table_rows`), and the share of
    the article's total weight that each has (`weight_shares`).
    """

    def __init__(self, table: StemTable, signatures: Iterable[Signature] = ()) -> None:
        self.table = table
        self._article_index = IdIndex()
        self._stem_index = IdIndex("")  # an article without words has this one, of weight 0
        self._column_index = IdIndex("")
        self.article_ids = self._article_index.ids
        self._allocate_articles(INITIAL_ARTICLES)
        self._allocate_entries(INITIAL_ARTICLES * STEMS_PER_ARTICLE)
        self.add(signatures)

    def _allocate_articles(self, size: int) -> None:
        self.versions: list[int] = []
        self.terms: list[frozenset[str]] = []
        self.embeddings: list[Int8Array] = []
        self.directions: Float32Array = np.zeros((size, self.table.dimensions), np.float32)
        self.has_direction: BoolArray = np.zeros(size, bool)
        self.has_embedding: BoolArray = np.zeros(size, bool)
        self.days: Float64Array = np.zeros(size)
        self.columns: Int32Array = np.zeros(size, np.int32)
        self.starts: Int32Array = np.zeros(size, np.int32)
        self.lengths: Int32Array = np.zeros(size, np.int32)

    def _allocate_entries(self, size: int) -> None:
        self._entry_count = 0
        self.stems: Int32Array = np.zeros(size, np.int32)
        self.table_rows: Int32Array = np.zeros(size, np.int32)
        self.weights: Float32Array = np.zeros(size, np.float32)
        self.weight_shares: Float32Array = np.zeros(size, np.float32)

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

    async def load(self, ids: Collection[str], store: Store) -> dict[str, int]:
        """Load the newest versions of these articles and return their numbers.

        Articles without a signature are left out.
        """
        versions = {article_id: self._version_of(article_id) for article_id in ids}
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
            self.terms.append(frozenset())
            self.embeddings.append(np.zeros(0, np.int8))
        while len(self) > len(self.days):
            self._grow_articles()
        return numbers

    def _set_articles(self, numbers: Sequence[int], signatures: Sequence[Signature]) -> None:
        for number, signature in zip(numbers, signatures, strict=True):
            self.versions[number] = signature.version
            self.terms[number] = frozenset(signature.terms)
            self.embeddings[number] = np.frombuffer(signature.embedding, np.int8)
            self.has_direction[number] = bool(signature.direction)
            self.has_embedding[number] = bool(signature.embedding)
            self.days[number] = signature.published_at.timestamp() / _SECONDS_PER_DAY
            self.columns[number] = self._column_index[signature.column]
        directions = [signature.direction for signature in signatures]
        self.directions[numbers] = self.table.decode_directions(directions)

    def _append_entries(self, vectors: Sequence[Mapping[str, float]]) -> None:
        stems = [*chain.from_iterable(vectors)]
        end = self._entry_count + len(stems)
        while end > len(self.stems):
            self._grow_entries()
        place = slice(self._entry_count, end)
        self.stems[place] = self._stem_index.index_all(stems)
        self.table_rows[place] = self.table.row_numbers(stems)
        self.weights[place] = [*chain.from_iterable(vector.values() for vector in vectors)]
        self.weight_shares[place] = _share_weights(self.weights[place], [*map(len, vectors)])
        self._entry_count = end

    def _grow_articles(self) -> None:
        self.directions = double_length(self.directions)
        self.has_direction = double_length(self.has_direction)
        self.has_embedding = double_length(self.has_embedding)
        self.days = double_length(self.days)
        self.columns = double_length(self.columns)
        self.starts = double_length(self.starts)
        self.lengths = double_length(self.lengths)

    def _grow_entries(self) -> None:
        self.stems = double_length(self.stems)
        self.table_rows = double_length(self.table_rows)
        self.weights = double_length(self.weights)
        self.weight_shares = double_length(self.weight_shares)


def _share_weights(weights: Float32Array, lengths: Sequence[int]) -> Float32Array:
    """Divide each weight by the sum of the weights of its article, whose entry counts are given."""
    ends = [0, *accumulate(lengths)]
    totals = [max(float(weights[start:end].sum()), 1e-9) for start, end in pairwise(ends)]
    divisors = np.repeat(np.array(totals, np.float32), lengths)
    return np.asarray(weights / divisors, np.float32)
