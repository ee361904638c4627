"""What the judge learns from: pairs of articles with evidence and labels, as linking sees them.

Signatures, candidates and evidence are made by the worker's own code, over a temporary store.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np

from services.enrichment.related.features.arrays import (
    BoolArray,
    Float32Array,
    Float64Array,
    Int32Array,
)
from services.enrichment.related.features.feature_cache import FeatureCache
from services.enrichment.related.features.readers import Reader
from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.judging.feed_statistics import (
    FeedStatistics,
    choose_basis,
    compute_statistics,
)
from services.enrichment.related.judging.judge import Judge, Relation, to_chances
from services.enrichment.related.neighbours.neighbour_lists import BEST
from services.enrichment.related.neighbours.pair_evidence import collect_evidence, find_near
from services.enrichment.related.stream import parse_article
from shared.store import Signature, connect
from tests.bench.linking import real_feed
from tests.bench.linking.streams import Row, load_articles
from tests.bench.linking.templates import build_examples

WINDOW: Final = timedelta(days=7)
PER_TERM: Final = 128
MAX_SAMPLE: Final = 40_000  # pairs of a stream of general news
TEMPLATES_PER_FAMILY: Final = 12
PAIRS_AT_ONCE: Final = 20_000
NOISE_PREFIX: Final = "#"  # of the story of an article that is in none


@dataclass(frozen=True)
class Corpus:
    """A feed: its rows, their features by number, its statistics, and all pairs of candidates."""

    rows: Sequence[Row]
    features: FeatureCache
    statistics: FeedStatistics
    articles: Int32Array
    others: Int32Array


@dataclass(frozen=True)
class PairTable:
    """The pairs of a corpus that are near, with their plain evidence."""

    corpus: Corpus
    articles: Int32Array
    others: Int32Array
    nearness: Float64Array
    evidence: Float32Array


@dataclass(frozen=True)
class LabelledPairs:
    """Pairs with labels, and what they weigh all together.

    *articles* and *others* are numbers in the corpus. *table* is missing where pairs stand for
    themselves, without a neighbourhood. *groups* has the queried article of each pair, by time.
    """

    name: str
    corpus: Corpus
    table: PairTable | None
    articles: Int32Array
    others: Int32Array
    evidence: Float32Array
    labels: dict[Relation, BoolArray]
    narrowness: float
    weight: float
    groups: Int32Array

    def select(self, is_wanted: BoolArray | slice) -> "LabelledPairs":
        labels = {relation: values[is_wanted] for relation, values in self.labels.items()}
        return replace(
            self,
            articles=self.articles[is_wanted],
            others=self.others[is_wanted],
            evidence=self.evidence[is_wanted],
            labels=labels,
            groups=self.groups[is_wanted],
        )

    def center(self, evidence: Float32Array) -> Float32Array:
        return center_pairs(self.corpus, self.articles, self.others, evidence)


def center_pairs(
    corpus: Corpus, articles: Int32Array, others: Int32Array, evidence: Float32Array
) -> Float32Array:
    """Evidence with similarities relative to the centre of the feed."""
    size = slice(len(corpus.rows))
    projections = corpus.features.directions_of(size) @ corpus.statistics.centre
    return corpus.statistics.center_evidence(evidence, projections[articles], projections[others])


def build_corpus(rows: Sequence[Row], reader: Reader, is_feed: bool = True) -> Corpus:
    """Build what linking knows of *rows*. Without *is_feed* they get no own statistics."""
    return asyncio.run(_build_corpus(rows, reader, is_feed))


def find_pairs(corpus: Corpus, judge: Judge) -> PairTable:
    """Find the near ones among all candidates, as the worker does."""
    places: list[Int32Array] = []
    nearness: list[Float64Array] = []
    evidence: list[Float32Array] = []
    for start in range(0, len(corpus.articles), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        found = find_near(corpus.features, judge, corpus.articles[part], corpus.others[part])
        places.append(found[0] + start)
        nearness.append(found[1])
        evidence.append(found[2])
    all_places = np.concatenate(places)
    return PairTable(
        corpus,
        corpus.articles[all_places],
        corpus.others[all_places],
        np.concatenate(nearness),
        np.concatenate(evidence),
    )


def sum_common(table: PairTable, odds: Float64Array, judge: Judge) -> Float64Array:
    """The neighbours in common of each pair in the table: see `judging/pair_chances.py`."""
    from scipy.sparse import csr_matrix

    size = len(table.corpus.rows)
    above = np.maximum(0.0, to_chances(odds) - 0.1)
    firsts = np.concatenate([table.articles, table.others])
    seconds = np.concatenate([table.others, table.articles])
    is_best = np.concatenate(_find_best(table))
    values = np.tile(above, 2)[is_best]
    lists = csr_matrix((values, (firsts[is_best], seconds[is_best])), shape=(size, size))
    sums = np.zeros(len(table.articles))
    for start in range(0, len(sums), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        products = lists[table.articles[part]].multiply(lists[table.others[part]])
        sums[part] = np.asarray(products.sum(1)).ravel()
    return np.log1p(sums)


def _find_best(table: PairTable) -> tuple[BoolArray, BoolArray]:
    """Whether each pair is among the best of its first article, and of its second."""
    firsts = np.concatenate([table.articles, table.others])
    seconds = np.concatenate([table.others, table.articles])
    ids = np.array([row["id"] for row in table.corpus.rows])
    order = np.lexsort((ids[seconds], -np.tile(table.nearness, 2), firsts))
    begins = np.flatnonzero(np.diff(firsts[order], prepend=-1))
    sizes = np.diff(np.append(begins, len(order)))
    ranks = np.zeros(len(order), np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    is_best = ranks < BEST
    count = len(table.articles)
    return is_best[:count], is_best[count:]


def is_listed(table: PairTable) -> BoolArray:
    """Whether either article has the other among its best."""
    of_first, of_second = _find_best(table)
    return of_first | of_second


def locate(table: PairTable, articles: Int32Array, others: Int32Array) -> Int32Array:
    """The places of these pairs in the table; -1 for pairs that are not near."""
    size = len(table.corpus.rows)
    keys = _pair_keys(table.articles, table.others, size).tolist()
    place_of = {key: place for place, key in enumerate(keys)}
    wanted = _pair_keys(articles, others, size).tolist()
    return np.array([place_of.get(key, -1) for key in wanted], np.int32)


def build_azure_pairs(corpus: Corpus, table: PairTable | None, weight: float) -> LabelledPairs:
    """The pairs of the real feed that were read."""
    pairs = real_feed.load_pairs()
    number_of = {row["id"]: number for number, row in enumerate(corpus.rows)}
    articles = np.array([number_of[pair.a] for pair in pairs], np.int32)
    others = np.array([number_of[pair.b] for pair in pairs], np.int32)
    letters = np.array([pair.label for pair in pairs])
    by_time = sorted(set(articles.tolist()), key=lambda number: corpus.features.days[number])
    place_of = {number: place for place, number in enumerate(by_time)}
    return LabelledPairs(
        name="azure",
        corpus=corpus,
        table=table,
        articles=articles,
        others=others,
        evidence=collect_evidence(corpus.features, articles, others),
        labels={"event": letters == "E", "related": letters != "N"},
        narrowness=corpus.statistics.narrowness,
        weight=weight,
        groups=np.array([place_of[number] for number in articles.tolist()], np.int32),
    )


def sample_stream_pairs(
    name: str, corpus: Corpus, table: PairTable | None, weight: float
) -> LabelledPairs:
    """Pairs of a labelled stream: of the table, or else of all candidates.

    Two articles of one story are about one event. Two articles of no story are left out: nobody has
    read whether they are related.
    """
    source = table or corpus
    stories = np.array([row["story"] for row in corpus.rows])
    is_noise = np.char.startswith(stories, NOISE_PREFIX)
    places = np.flatnonzero(~(is_noise[source.articles] & is_noise[source.others]))
    dice = np.random.default_rng(0)
    if len(places) > MAX_SAMPLE:
        places = np.sort(dice.choice(places, MAX_SAMPLE, replace=False))
    articles, others = source.articles[places], source.others[places]
    is_same = stories[articles] == stories[others]
    return LabelledPairs(
        name=name,
        corpus=corpus,
        table=table,
        articles=articles,
        others=others,
        evidence=collect_evidence(corpus.features, articles, others),
        labels={"event": is_same, "related": is_same},
        narrowness=corpus.statistics.narrowness,
        weight=weight,
        groups=np.zeros(len(places), np.int32),
    )


def build_template_pairs(
    reader: Reader, narrowness: float, weight: float, is_held_back: bool = False
) -> LabelledPairs:
    """Invented pairs of titles of one form, as if in a feed of this narrowness."""
    examples = build_examples(TEMPLATES_PER_FAMILY)
    examples = [example for example in examples if example.is_held_back == is_held_back]
    rows = [row for example in examples for row in (example.a, example.b)]
    corpus = build_corpus(rows, reader, is_feed=False)
    articles = np.arange(0, len(rows), 2, dtype=np.int32)
    is_same = np.array([example.is_one_event for example in examples])
    return LabelledPairs(
        name="templates",
        corpus=corpus,
        table=None,
        articles=articles,
        others=articles + 1,
        evidence=collect_evidence(corpus.features, articles, articles + 1),
        labels={"event": is_same, "related": is_same},
        narrowness=narrowness,
        weight=weight,
        groups=np.zeros(len(articles), np.int32),
    )


def load_rows(name: str) -> list[Row]:
    return real_feed.load_articles() if name == "azure" else load_articles(name)


async def _build_corpus(rows: Sequence[Row], reader: Reader, is_feed: bool) -> Corpus:
    signatures = await SignatureBuilder(reader).build([parse_article(row) for row in rows])
    features = FeatureCache(reader, signatures)
    articles, others = await _find_candidates(signatures)
    directions = _select_basis(signatures) if is_feed else []
    return Corpus(rows, features, compute_statistics(directions, reader), articles, others)


def _select_basis(signatures: Sequence[Signature]) -> list[bytes]:
    """The directions that the statistics of the feed are made of."""
    newest = sorted(
        signatures,
        key=lambda signature: (signature.published_at, signature.article_id),
        reverse=True,
    )
    skip, limit = choose_basis(len(newest))
    return [signature.direction for signature in newest[skip : skip + limit]]


async def _find_candidates(signatures: Sequence[Signature]) -> tuple[Int32Array, Int32Array]:
    """All pairs of which either article finds the other: each once, as numbers."""
    number_of = {signature.article_id: number for number, signature in enumerate(signatures)}
    with tempfile.TemporaryDirectory() as folder:
        store = connect(f"sqlite:///{folder}/store.sqlite?synchronous=normal")
        await store.open()
        await store.signatures.save(signatures)
        found = await store.signatures.find_candidates(signatures, WINDOW, PER_TERM)
        await store.close()
    keys: set[int] = set()
    for number, candidates in enumerate(found):
        for candidate in candidates:
            other = number_of[candidate]
            keys.add(min(number, other) * len(signatures) + max(number, other))
    ordered = np.array(sorted(keys), np.int64)
    return (ordered // len(signatures)).astype(np.int32), (ordered % len(signatures)).astype(
        np.int32
    )


def _pair_keys(articles: Int32Array, others: Int32Array, size: int) -> np.ndarray:
    lower, upper = np.minimum(articles, others), np.maximum(articles, others)
    return lower.astype(np.int64) * size + upper
