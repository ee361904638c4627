"""MinHash with 128 permutations (datasketch) over the words of an article: the share of equal ones, all pairs."""

import re
from collections.abc import Sequence

import numpy as np
from datasketch import MinHash
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from tests.bench.linking.pairs import Neighbours, nearest, texts
from tests.bench.linking.streams import Row

PERMUTATIONS = 128
RELATED, STORY = 0.14, 0.1

_WORD = re.compile(r"\w\w+")


def neighbours(rows: Sequence[Row]) -> Neighbours:
    words = [[word.encode() for word in _words(text)] for text in texts(rows)]
    hashes = np.array([one.hashvalues for one in MinHash.bulk(words, num_perm=PERMUTATIONS)])
    places = np.arange(PERMUTATIONS, dtype=np.uint64) << np.uint64(32)
    _, columns = np.unique((hashes + places).ravel(), return_inverse=True)
    ends = np.arange(0, columns.size + 1, PERMUTATIONS)
    equal = csr_matrix((np.full(columns.size, PERMUTATIONS**-0.5, np.float32), columns, ends))
    return nearest(rows, equal, equal)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower())) - ENGLISH_STOP_WORDS
