"""TF-IDF as everyone does it: scikit-learn, English stop words, idf of the stream itself, all pairs."""

from collections.abc import Sequence

from sklearn.feature_extraction.text import TfidfVectorizer

from tests.bench.linking.pairs import Neighbours, nearest, texts
from tests.bench.linking.streams import Row

RELATED, STORY = 0.2, 0.18


def neighbours(rows: Sequence[Row]) -> Neighbours:
    vectors = (
        TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(texts(rows)).tocsr()
    )
    return nearest(rows, vectors, vectors)
