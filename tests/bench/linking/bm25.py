"""BM25 with its usual constants, all pairs.

Each article is queried with another's words. The score is relative to that of the query's own
article.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags_array
from sklearn.feature_extraction.text import CountVectorizer

from tests.bench.linking.pairs import Neighbours, build_texts, find_nearest
from tests.bench.linking.streams import Row

K1, B = 1.2, 0.75
RELATED_FROM, STORY_FROM = 0.2, 0.16


def find_neighbours(rows: Sequence[Row]) -> Neighbours:
    counts = CountVectorizer(stop_words="english").fit_transform(build_texts(rows)).tocsr()
    documents, queries = _weigh_words(counts), counts.sign()
    own_scores = np.asarray(queries.multiply(documents).sum(axis=1)).ravel()
    relative = diags_array(1 / np.maximum(own_scores, 1e-9)) @ queries
    return find_nearest(rows, csr_matrix(relative), documents)


def _weigh_words(counts: csr_matrix) -> csr_matrix:
    """What each word of each document is worth to a query that has it."""
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    document_counts = np.asarray(counts.sign().sum(axis=0)).ravel()
    idf = np.log(1 + (len(lengths) - document_counts + 0.5) / (document_counts + 0.5))
    entries = counts.tocoo()
    length_factor = K1 * (1 - B + B * lengths[entries.row] / lengths.mean())
    values = idf[entries.col] * entries.data * (K1 + 1) / (entries.data + length_factor)
    return csr_matrix((values, (entries.row, entries.col)), shape=counts.shape)
