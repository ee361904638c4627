"""MinHash with 128 permutations (datasketch) over an article's words, all pairs.

The similarity of two articles is the share of equal hashes.
"""

import re
from collections.abc import Sequence

import numpy as np
from datasketch import MinHash
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from tests.bench.linking.pairs import Neighbours, build_texts, find_nearest
from tests.bench.linking.streams import Row

PERMUTATIONS = 128
RELATED_FROM, STORY_FROM = 0.14, 0.1

_WORD = re.compile(r"\w\w+")


def find_neighbours(rows: Sequence[Row]) -> Neighbours:
    words = [_encode_words(text) for text in build_texts(rows)]
    signatures = MinHash.bulk(words, num_perm=PERMUTATIONS)
    hashes = np.array([signature.hashvalues for signature in signatures])
    # Adding the permutation's number makes equal hashes of different permutations differ.
    offsets = np.arange(PERMUTATIONS, dtype=np.uint64) << np.uint64(32)
    _, columns = np.unique((hashes + offsets).ravel(), return_inverse=True)
    ends = np.arange(0, columns.size + 1, PERMUTATIONS)
    values = np.full(columns.size, PERMUTATIONS**-0.5, np.float32)
    vectors = csr_matrix((values, columns, ends))
    return find_nearest(rows, vectors, vectors)


def _encode_words(text: str) -> list[bytes]:
    words = set(_WORD.findall(text.lower())) - ENGLISH_STOP_WORDS
    return [word.encode() for word in words]
