"""TF-IDF reduced to its 100 leading directions (LSA), all pairs."""

from collections.abc import Sequence
from typing import Final

from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from tests.bench.linking.pairs import Neighbours, build_texts, find_nearest
from tests.bench.linking.streams import Row

DIRECTIONS: Final = 100


def find_neighbours(rows: Sequence[Row]) -> Neighbours:
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    vectors = vectorizer.fit_transform(build_texts(rows))
    reduced = normalize(TruncatedSVD(DIRECTIONS, random_state=0).fit_transform(vectors))
    return find_nearest(rows, reduced, reduced)
