"""How likely two articles are about one event: 0 to 1, symmetric, made of nothing but the two.

A first look says how much the articles share: their words, and where their words point to. Pairs that pass are
looked at word by word: how near the nearest word of the other article is to each word. Both fade with the days between.
Where that leaves a doubt and a sentence model has read both, it has its say (`sense.py`).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.features.feature_cache import Floats, Ints, Readings
from services.enrichment.related.features.sentence_embedding import alike
from services.enrichment.related.features.word_vectors import Table
from shared.store import Signature

MEMORY_DAYS = 10.0  # an event is over within days (docs/decisions/0029): after one a tenth is gone, after a week half
MEANING = 0.4  # of the first look that direction has; words have the rest
CLOSER = 0.5  # of the score that the closer look has
WORTH_A_LOOK = 0.1  # first looks below never end as a relation
BLIND, BLIND_FROM = (
    0.12,
    0.2,
)  # of what is missing to 1, what the table would have added to two related articles
DOUBT = (0.2, 0.7)  # between these a model is heard: below nothing is related, above everything
SENSE, SENSE_FROM = (
    0.5,
    0.08,
)  # how much it counts there; its cosines run that much higher than scores do
PAIR: Final = (np.array([0], np.int32), np.array([1], np.int32))  # of two readings
NEAREST = 0.40  # a word whose nearest is farther (cosine) has nothing like it in the other article


def score(one: Signature, two: Signature, table: Table) -> float:
    """The score of one pair: see `scores`."""
    pair = sorted((one, two), key=lambda signature: signature.article_id)
    return float(scores(Readings(table, pair), *PAIR)[0])


def scores(
    readings: Readings, ones: Ints, others: Ints, looks: int | None = None
) -> NDArray[np.float64]:
    """The scores of *n* pairs of articles by number, a pair by place; 0 for those that are not worth a closer look.

    Of each of the *ones* at most *looks* are looked at closer, the best. Issues of one recurring column score 0.
    """
    found = np.zeros(len(others), np.float32)
    first = first_look(readings, ones, others)
    best = _best(ones, first, looks)
    if best.size:
        pairs = ones[best], others[best]
        found[best] = (1 - CLOSER) * first[best] + CLOSER * (
            closer_look(readings, *pairs) * fading(readings, *pairs)
        )
    blind = ~both_known(readings, ones, others) & (found >= BLIND_FROM)
    found[blind] += BLIND * (1 - found[blind])
    doubtful = np.flatnonzero((found >= DOUBT[0]) & (found < DOUBT[1]))
    found[doubtful] += judgement(readings, ones[doubtful], others[doubtful], found[doubtful])
    return np.minimum(1.0, found.astype(np.float64).round(4))


def _best(ones: Ints, first: Floats, looks: int | None) -> NDArray[np.intp]:
    """The places of those that are looked at closer: one article after the other, the best first."""
    order = np.lexsort((-first, ones))
    _, begins, sizes = np.unique(ones[order], return_index=True, return_counts=True)
    rank = np.arange(len(ones)) - np.repeat(begins, sizes)
    best: NDArray[np.intp] = order[rank < (looks or len(ones))]
    return best[first[best] >= WORTH_A_LOOK]


def first_look(readings: Readings, ones: Ints, others: Ints) -> Floats:
    """Cosine of the words and of the directions, less with the days between."""
    directions = np.einsum("nd,nd->n", readings.directions[ones], readings.directions[others])
    part = np.where(
        both_known(readings, ones, others), np.float32(MEANING), np.float32(0)
    )  # else words say it all
    looks = (1 - part) * shared_words(readings, ones, others) + part * directions
    column = (readings.columns[ones] == readings.columns[others]) & (readings.columns[ones] > 0)
    return np.where(column, np.float32(0), looks * fading(readings, ones, others)).astype(
        np.float32
    )


def shared_words(readings: Readings, ones: Ints, others: Ints) -> Floats:
    """The cosine of the weights of the stems, for each pair."""
    distinct, rows = np.unique(ones, return_inverse=True)
    own, _ = readings.entries(distinct)
    slots = np.zeros(readings.vocabulary, np.int32)  # of their stems, from 1 on
    slots[readings.stems[own]] = np.arange(1, len(own) + 1)
    weights = np.zeros((len(distinct), len(own) + 1), np.float32)
    weights[
        np.repeat(np.arange(len(distinct)), readings.lengths[distinct]), slots[readings.stems[own]]
    ] = readings.values[own]
    places, _ = readings.entries(others)
    pairs = np.repeat(np.arange(len(others)), readings.lengths[others])
    met = np.flatnonzero(slots[readings.stems[places]])
    places, pairs = places[met], pairs[met]
    products = readings.values[places] * weights[rows[pairs], slots[readings.stems[places]]]
    return np.bincount(pairs, products, len(others)).astype(
        np.float32
    )  # added up as float64: alike in whatever order


def closer_look(readings: Readings, ones: Ints, others: Ints) -> Floats:
    """How well each article's words are met in the other, by weight: the harmonic mean of both directions, 0 to 1.

    The pairs of one article stand side by side.
    """
    places, begins = readings.entries(others)
    near = _nearness(readings, ones, places, begins)
    there = np.einsum(
        "wn,wn->n", _shares(readings, ones), _like(np.maximum.reduceat(near, begins, axis=1))
    )
    back: Floats = np.add.reduceat(_like(near.max(0)) * readings.shares[places], begins)
    return np.asarray(2 * there * back / np.maximum(there + back, 1e-6), np.float32)


def _nearness(readings: Readings, ones: Ints, places: Ints, begins: Ints) -> Floats:
    """For the stems at *places*, the cosine with each stem of the article that they are compared with.

    As many rows as the longest of the *ones* has stems, the rows after those of a shorter one are 0.
    """
    units, rows = readings.table.units, readings.rows
    near = np.zeros((readings.lengths[ones].max(), len(places)), np.float32)
    firsts = np.flatnonzero(np.diff(ones, prepend=-1))
    ends = [*begins[firsts[1:]].tolist(), len(places)]
    for one, start, end in zip(ones[firsts].tolist(), begins[firsts].tolist(), ends, strict=True):
        own = units[rows[readings.own(one)]]
        near[: len(own), start:end] = own @ units.take(rows[places[start:end]], 0).T
    return near


def _shares(readings: Readings, ones: Ints) -> Floats:
    """The shares of their stems, one column an article, with 0 below those of the shorter ones."""
    lengths = readings.lengths[ones]
    rows = np.arange(lengths.max())[:, None]
    is_there = rows < lengths
    return np.where(
        is_there,
        readings.shares[np.where(is_there, readings.starts[ones] + rows, 0)],
        np.float32(0),
    )


def _like(near: Floats) -> Floats:
    near[near < NEAREST] = 0
    return near


def judgement(readings: Readings, ones: Ints, others: Ints, found: Floats) -> Floats:
    """What a model that has read both adds to the doubtful scores *found*; 0 where it was not asked."""
    asked = readings.sensed[ones] & readings.sensed[others]
    heard = np.zeros(len(others), np.float32)
    for one in np.unique(ones[asked]).tolist():
        part = asked & (ones == one)
        heard[part] = alike(
            readings.senses[one], [readings.senses[number] for number in others[part].tolist()]
        )
    heard = (heard - SENSE_FROM) * fading(readings, ones, others)
    return np.where(asked, SENSE * (heard - found), np.float32(0)).astype(np.float32)


def both_known(readings: Readings, ones: Ints, others: Ints) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = readings.known[ones] & readings.known[others]
    return known


def fading(readings: Readings, ones: Ints, others: Ints) -> Floats:
    """What is left of a score after the days between: 1 for the same moment."""
    days = np.abs(readings.days[others] - readings.days[ones])
    return np.asarray(np.exp(-days / MEMORY_DAYS), np.float32)
