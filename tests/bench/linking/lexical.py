"""The lexical method of the first study, in memory: how Seedwire linked before it had word vectors.

A signature is the 8 heaviest stems, and candidates are the newest 64 articles for each. Articles
are related from a cosine of 0.25 on, faded with time. Stories are clusters by average link.
"""

import html
import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import Stemmer
from unidecode import unidecode
from wordfreq import get_frequency_dict

from tests.bench.linking.pairs import MAX_RELATED, WINDOW_SECONDS
from tests.bench.linking.streams import Row

TERMS, PER_TERM = 8, 64
EXCERPT_WEIGHT = 0.6
DECAY_SECONDS = 30 * 86_400.0
LINK_FROM, JOIN_FROM, MERGE_FROM = 0.25, 0.18, 0.225
MAX_STORY_CANDIDATES = 30
MAX_MERGED = 3

Vector = dict[str, float]

_WORD = re.compile(r"[a-z0-9]+")
_stemmer = Stemmer.Stemmer("english")


def predict(rows: Sequence[Row]) -> list[Row]:
    """Related articles and stories after the whole stream."""
    linker = _Linker(rows)
    for place in range(len(rows)):
        linker.add(place)
    return [linker.predict(place) for place in range(len(rows))]


class _Linker:
    """Links the rows of a stream one after the other."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._vectors = [_build_vector(row) for row in rows]
        self._index: dict[str, list[int]] = defaultdict(list)
        self._related: list[dict[int, float]] = [{} for _ in rows]
        self._stories = _Stories()

    def add(self, place: int) -> None:
        vector = self._vectors[place]
        terms = sorted(vector, key=lambda stem: (-vector[stem], stem))[:TERMS]
        scores = {other: self._score(place, other) for other in self._find_candidates(place, terms)}
        for other, score in scores.items():
            if score >= LINK_FROM:
                self._related[place][other] = self._related[other][place] = score
        nearest = sorted(scores, key=lambda other: -scores[other])[:MAX_STORY_CANDIDATES]
        self._stories.add(vector, nearest)
        for term in terms:
            self._index[term].append(place)

    def predict(self, place: int) -> Row:
        scores = self._related[place]
        best = sorted(scores, key=lambda other: (-scores[other], other))[:MAX_RELATED]
        return {
            "id": self._rows[place]["id"],
            "related": [self._rows[other]["id"] for other in best],
            "story": str(self._stories.story_of(place)),
        }

    def _find_candidates(self, place: int, terms: Iterable[str]) -> set[int]:
        earliest = self._rows[place]["ts"] - WINDOW_SECONDS
        oldest = bisect_left(self._rows, earliest, key=lambda row: row["ts"])
        newest = {other for term in terms for other in self._index[term][-PER_TERM:]}
        return {other for other in newest if other >= oldest}

    def _score(self, place: int, other: int) -> float:
        cosine = _cosine(self._vectors[place], self._vectors[other])
        return cosine * _time_decay(self._rows[place], self._rows[other])


class _Stories:
    """Stories as sums of their members' vectors."""

    def __init__(self) -> None:
        self._stories: list[int] = []  # by place in the stream
        self._parents: list[int] = []
        self._sums: list[Vector] = []
        self._sizes: list[int] = []

    def story_of(self, place: int) -> int:
        return self._find_root(self._stories[place])

    def add(self, vector: Vector, nearest: Sequence[int]) -> None:
        """Add the next article: it joins the best story of its *nearest* articles, or begins one.

        Other stories among the best that it is near to are merged with that one.
        """
        means: dict[int, float] = {}
        for story in map(self.story_of, nearest):
            means[story] = _cosine(vector, self._sums[story]) / self._sizes[story]
        best = sorted(means, key=lambda story: -means[story])[:MAX_MERGED]
        if not best or means[best[0]] < JOIN_FROM:
            best = [self._begin_story()]
        joined = best[0]
        self._stories.append(joined)
        self._add_to_sum(joined, vector, 1)
        for other in best[1:]:
            if means[other] >= MERGE_FROM:
                self._parents[other] = joined
                self._add_to_sum(joined, self._sums[other], self._sizes[other])

    def _begin_story(self) -> int:
        story = len(self._parents)
        self._parents.append(story)
        self._sums.append({})
        self._sizes.append(0)
        return story

    def _add_to_sum(self, story: int, vector: Mapping[str, float], size: int) -> None:
        total = self._sums[story]
        for stem, value in vector.items():
            total[stem] = total.get(stem, 0.0) + value
        self._sizes[story] += size

    def _find_root(self, story: int) -> int:
        while self._parents[story] != story:
            story = self._parents[story]
        return story


def _build_vector(row: Row) -> Vector:
    weights: Vector = {}
    for text, share in ((row["title"], 1.0), (row["excerpt"], EXCERPT_WEIGHT)):
        words = _WORD.findall(unidecode(html.unescape(text)).lower())
        for stem in dict.fromkeys(_stemmer.stemWords(words)):
            weights[stem] = weights.get(stem, 0.0) + share * _stem_weight(stem)
    norm = math.sqrt(sum(value * value for value in weights.values())) or 1.0
    return {stem: value / norm for stem, value in weights.items()}


def _cosine(a: Vector, b: Vector) -> float:
    small, large = sorted((a, b), key=len)
    return sum(value * large.get(stem, 0.0) for stem, value in small.items())


def _time_decay(a: Row, b: Row) -> float:
    return math.exp(-abs(a["ts"] - b["ts"]) / DECAY_SECONDS)


@cache
def _stem_weight(stem: str) -> float:
    return min(10.0, -math.log(1 - (1 - _load_frequencies().get(stem, 1e-7)) ** 12))


@cache
def _load_frequencies() -> dict[str, float]:
    frequencies: dict[str, float] = {}
    shares = get_frequency_dict("en")
    words = [word for word in shares if word.isascii() and word.isalnum()]
    for word, stem in zip(words, _stemmer.stemWords(words), strict=True):
        frequencies[stem] = frequencies.get(stem, 0.0) + shares[word]
    return frequencies
