"""TF-IDF in its usual form: scikit-learn, English stop words, idf of the stream, all pairs."""

from collections.abc import Sequence

from sklearn.feature_extraction.text import TfidfVectorizer

from tests.bench.linking.pairs import Neighbours, build_texts, find_nearest
from tests.bench.linking.streams import Row

RELATED_FROM, STORY_FROM = 0.2, 0.18


def find_neighbours(rows: Sequence[Row]) -> Neighbours:
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    vectors = vectorizer.fit_transform(build_texts(rows)).tocsr()
    return find_nearest(rows, vectors, vectors)
