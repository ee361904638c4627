"""The lexical method of the first study, in memory: what Seedwire linked by before its words knew their neighbours.

Signature of the 8 heaviest stems, the newest 64 articles for each, cosine with time, 0.25; stories by average link.
"""

import html
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import Stemmer
from unidecode import unidecode
from wordfreq import get_frequency_dict

from tests.bench.linking.pairs import RELATED, WINDOW_SECONDS
from tests.bench.linking.streams import Row

TERMS, PER_TERM, EXCERPT, MEMORY_SECONDS = 8, 64, 0.6, 30 * 86_400.0
LINKED, JOINED, MERGED = 0.25, 0.18, 0.225

Vector = dict[str, float]

_WORD = re.compile(r"[a-z0-9]+")
_stemmer = Stemmer.Stemmer("english")


def predictions(rows: Sequence[Row]) -> list[Row]:
    """Related articles and stories after the whole stream."""
    vectors = [_vector(row) for row in rows]
    index: dict[str, list[int]] = defaultdict(list)
    related: list[dict[int, float]] = [{} for _ in rows]
    stories = _Stories()
    for place, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
        terms = sorted(vector, key=lambda stem: (-vector[stem], stem))[:TERMS]
        oldest = bisect_left(rows, row["ts"] - WINDOW_SECONDS, key=lambda one: one["ts"])
        near = {other for term in terms for other in index[term][-PER_TERM:] if other >= oldest}
        scores = {other: _cosine(vector, vectors[other]) * _age(row, rows[other]) for other in near}
        for other, score in scores.items():
            if score >= LINKED:
                related[place][other] = related[other][place] = score
        stories.add(vector, sorted(scores, key=lambda other: -scores[other])[:30])
        for term in terms:
            index[term].append(place)
    best = [sorted(found, key=lambda other: (-found[other], other))[:RELATED] for found in related]
    return [
        {
            "id": row["id"],
            "related": [rows[other]["id"] for other in best[place]],
            "story": str(stories.of(place)),
        }
        for place, row in enumerate(rows)
    ]


class _Stories:
    """Stories as sums of their members' vectors."""

    def __init__(self) -> None:
        self._story: list[int] = []  # by place in the stream
        self._parent: list[int] = []
        self._sum: list[Vector] = []
        self._size: list[int] = []

    def of(self, place: int) -> int:
        return self._root(self._story[place])

    def add(self, vector: Vector, near: Sequence[int]) -> None:
        """The next article, whose nearest are *near*: it joins the best of their stories, or begins one."""
        means = {
            story: _cosine(vector, self._sum[story]) / self._size[story]
            for story in map(self.of, near)
        }
        best = sorted(means, key=lambda story: -means[story])[:3]
        if not best or means[best[0]] < JOINED:
            best = [len(self._parent)]
            self._parent.append(best[0])
            self._sum.append({})
            self._size.append(0)
        self._story.append(best[0])
        self._put(best[0], vector, 1)
        for other in best[1:]:
            if means[other] >= MERGED:
                self._parent[other] = best[0]
                self._put(best[0], self._sum[other], self._size[other])

    def _put(self, story: int, vector: Vector, size: int) -> None:
        total = self._sum[story]
        for stem, value in vector.items():
            total[stem] = total.get(stem, 0.0) + value
        self._size[story] += size

    def _root(self, story: int) -> int:
        while self._parent[story] != story:
            story = self._parent[story]
        return story


def _vector(row: Row) -> Vector:
    weights: Vector = {}
    for text, share in ((row["title"], 1.0), (row["excerpt"], EXCERPT)):
        words = _stemmer.stemWords(_WORD.findall(unidecode(html.unescape(text)).lower()))
        for stem in dict.fromkeys(words):
            weights[stem] = weights.get(stem, 0.0) + share * _weight(stem)
    norm = math.sqrt(sum(value * value for value in weights.values())) or 1.0
    return {stem: value / norm for stem, value in weights.items()}


def _cosine(one: Vector, two: Vector) -> float:
    small, large = sorted((one, two), key=len)
    return sum(value * large.get(stem, 0.0) for stem, value in small.items())


def _age(one: Row, two: Row) -> float:
    return math.exp(-abs(one["ts"] - two["ts"]) / MEMORY_SECONDS)


@cache
def _weight(stem: str) -> float:
    return min(10.0, -math.log(1 - (1 - _frequencies().get(stem, 1e-7)) ** 12))


@cache
def _frequencies() -> dict[str, float]:
    found: dict[str, float] = {}
    words = {
        word: share
        for word, share in get_frequency_dict("en").items()
        if word.isascii() and word.isalnum()
    }
    for stem, share in zip(_stemmer.stemWords(list(words)), words.values(), strict=True):
        found[stem] = found.get(stem, 0.0) + share
    return found
