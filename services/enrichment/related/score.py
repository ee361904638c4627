"""How likely two articles are about one event: 0 to 1, symmetric, made of nothing but the two.

A first look says how much the articles share: their words, and where their words point to. Pairs that pass are
looked at word by word: how near the nearest word of the other article is to each word. Both fade with the days between.
Where that leaves a doubt and a sentence model has read both, it has its say (`sense.py`).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.reading import Floats, Ints, Readings
from services.enrichment.related.sense import alike
from services.enrichment.related.vectors import Table
from shared.store import Signature

MEMORY_DAYS = 10.0  # an event is over within days (docs/decisions/0029): after one a tenth is gone, after a week half
MEANING = 0.4  # of the first look that direction has; words have the rest
CLOSER = 0.5  # of the score that the closer look has
WORTH_A_LOOK = 0.1  # first looks below never end as a relation
BLIND, BLIND_FROM = 0.12, 0.2  # of what is missing to 1, what the table would have added to two related articles
DOUBT = (0.2, 0.7)  # between these a model is heard: below nothing is related, above everything
SENSE, SENSE_FROM = 0.5, 0.08  # how much it counts there; its cosines run that much higher than scores do
SECOND: Final = np.array([1], np.int32)  # of two readings
NEAREST = 0.40  # a word whose nearest is farther (cosine) has nothing like it in the other article


def score(one: Signature, two: Signature, table: Table) -> float:
    """The score of one pair: see `scores`."""
    pair = sorted((one, two), key=lambda signature: signature.article_id)
    return float(scores(Readings(table, pair), 0, SECOND)[0])


def scores(readings: Readings, one: int, others: Ints, looks: int | None = None) -> NDArray[np.float64]:
    """The score of *one* with each of *others*, by number; 0 for those that are not worth a closer look.

    At most *looks* of them are looked at closer, the best ones. Issues of one recurring column score 0.
    """
    found = np.zeros(len(others), np.float32)
    first = first_look(readings, one, others)
    best = np.argsort(-first, kind="stable")[:looks]
    best = best[first[best] >= WORTH_A_LOOK]
    if best.size:
        closer = closer_look(readings, one, others[best]) * fading(readings, one, others[best])
        found[best] = (1 - CLOSER) * first[best] + CLOSER * closer
    blind = ~both_known(readings, one, others) & (found >= BLIND_FROM)
    found[blind] += BLIND * (1 - found[blind])
    if readings.senses[one].size:
        doubtful = np.flatnonzero((found >= DOUBT[0]) & (found < DOUBT[1]))
        found[doubtful] += judgement(readings, one, others[doubtful], found[doubtful])
    return np.minimum(1.0, found.astype(np.float64).round(4))


def first_look(readings: Readings, one: int, others: Ints) -> Floats:
    """Cosine of the words and of the directions, less with the days between."""
    if not len(others):
        return np.zeros(0, np.float32)
    directions = readings.directions[others] @ readings.directions[one]
    part = np.where(both_known(readings, one, others), np.float32(MEANING), np.float32(0))  # else the words say it all
    looks = (1 - part) * shared_words(readings, one, others) + part * directions
    column = (readings.columns[others] == readings.columns[one]) & (readings.columns[one] > 0)
    return np.where(column, np.float32(0), looks * fading(readings, one, others)).astype(np.float32)


def shared_words(readings: Readings, one: int, others: Ints) -> Floats:
    """The cosine of the weights of the stems, for each of *others*."""
    weights = np.zeros(readings.vocabulary, np.float32)
    own = readings.own(one)
    weights[readings.stems[own]] = readings.values[own]
    places, begins = readings.entries(others)
    products = readings.values[places] * weights[readings.stems[places]]
    return np.add.reduceat(products.astype(np.float64), begins).astype(np.float32)  # alike in whatever order


def closer_look(readings: Readings, one: int, others: Ints) -> Floats:
    """How well each article's words are met in the other, by weight: the harmonic mean of both directions, 0 to 1."""
    own = readings.own(one)
    places, begins = readings.entries(others)
    units = readings.table.units
    near = units[readings.rows[own]] @ units[readings.rows[places]].T
    near[near < NEAREST] = 0
    there: Floats = readings.shares[own] @ np.maximum.reduceat(near, begins, axis=1)
    back: Floats = np.add.reduceat(near.max(0) * readings.shares[places], begins)
    return np.asarray(2 * there * back / np.maximum(there + back, 1e-6), np.float32)


def judgement(readings: Readings, one: int, others: Ints, found: Floats) -> Floats:
    """What a model that has read both adds to the doubtful scores *found*; 0 where it was not asked."""
    senses = [readings.senses[number] for number in others.tolist()]
    sense = readings.senses[one]
    asked = np.array([bool(sense.size and other.size) for other in senses], bool)
    if not asked.any():
        return np.zeros(len(others), np.float32)
    heard = (alike(sense, senses) - SENSE_FROM) * fading(readings, one, others)
    return np.where(asked, SENSE * (heard - found), np.float32(0)).astype(np.float32)


def both_known(readings: Readings, one: int, others: Ints) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = readings.known[others] & readings.known[one]
    return known


def fading(readings: Readings, one: int, others: Ints) -> Floats:
    """What is left of a score after the days between: 1 for the same moment."""
    days = np.abs(readings.days[others] - readings.days[one])
    return np.asarray(np.exp(-days / MEMORY_DAYS), np.float32)
