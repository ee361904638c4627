"""BM25 with its usual constants, all pairs: each article asked for with another's words, over what it scores itself."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags_array
from sklearn.feature_extraction.text import CountVectorizer

from tests.bench.linking.pairs import Neighbours, nearest, texts
from tests.bench.linking.streams import Row

K1, B = 1.2, 0.75
RELATED, STORY = 0.2, 0.16


def neighbours(rows: Sequence[Row]) -> Neighbours:
    counts = CountVectorizer(stop_words="english").fit_transform(texts(rows)).tocsr()
    documents, questions = _weighted(counts), counts.sign()
    itself = np.maximum(np.asarray(questions.multiply(documents).sum(axis=1)).ravel(), 1e-9)
    return nearest(rows, csr_matrix(diags_array(1 / itself) @ questions), documents)


def _weighted(counts: csr_matrix) -> csr_matrix:
    """What each word of each document is worth to a question that has it."""
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    having = np.asarray(counts.sign().sum(axis=0)).ravel()
    rarity = np.log(1 + (len(lengths) - having + 0.5) / (having + 0.5))
    entries = counts.tocoo()
    longer = K1 * (1 - B + B * lengths[entries.row] / lengths.mean())
    values = rarity[entries.col] * entries.data * (K1 + 1) / (entries.data + longer)
    return csr_matrix((values, (entries.row, entries.col)), shape=counts.shape)
