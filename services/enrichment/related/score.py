"""How likely two articles are about one event: 0 to 1, symmetric, made of nothing but the two.

A first look says how much the articles share: their words, and where their words point to. Pairs that pass are
looked at word by word: how near the nearest word of the other article is to each word. Both fade with the days between.
Where that leaves a doubt and a sentence model has read both, it has its say (`sense.py`).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.enrichment.related.reading import Reading
from services.enrichment.related.sense import alike
from services.enrichment.related.vectors import Table

Floats = NDArray[np.float32]

MEMORY_DAYS = 10.0  # an event is over within days (docs/decisions/0029): after one a tenth is gone, after a week half
MEANING = 0.4  # of the first look that direction has; words have the rest
CLOSER = 0.5  # of the score that the closer look has
WORTH_A_LOOK = 0.1  # first looks below never end as a relation
BLIND, BLIND_FROM = 0.12, 0.2  # of what is missing to 1, what the table would have added to two related articles
DOUBT = (0.2, 0.7)  # between these a model is heard: below nothing is related, above everything
SENSE, SENSE_FROM = 0.5, 0.08  # how much it counts there; its cosines run that much higher than scores do
NEAREST = 0.40  # a word whose nearest is farther (cosine) has nothing like it in the other article


def score(one: Reading, two: Reading, table: Table) -> float:
    """The score of one pair: see `scores`."""
    a, b = sorted((one, two), key=lambda reading: reading.article_id)
    return scores(a, [b], table)[0]


def scores(one: Reading, others: Sequence[Reading], table: Table, looks: int | None = None) -> list[float]:
    """The score of *one* with each of *others*; 0 for those that are not worth a closer look.

    At most *looks* of them are looked at closer, the best ones. Issues of one recurring column score 0.
    """
    found = np.zeros(len(others), np.float32)
    first = first_look(one, others)
    best = np.argsort(-first, kind="stable")[:looks]
    best = best[first[best] >= WORTH_A_LOOK]
    if best.size:
        closer = closer_look(one, [others[place] for place in best], table) * fading(one, [others[p] for p in best])
        found[best] = (1 - CLOSER) * first[best] + CLOSER * closer
    blind = ~_both_known(one, others) & (found >= BLIND_FROM)
    found[blind] += BLIND * (1 - found[blind])
    if one.sense.size:
        doubtful = np.flatnonzero((found >= DOUBT[0]) & (found < DOUBT[1]))
        found[doubtful] += judgement(one, [others[place] for place in doubtful.tolist()], found[doubtful])
    return [min(1.0, round(value, 4)) for value in found.tolist()]


def first_look(one: Reading, others: Sequence[Reading]) -> Floats:
    """Cosine of the words and of the directions, less with the days between."""
    if not others:
        return np.zeros(0, np.float32)
    directions = np.stack([other.direction for other in others]) @ one.direction
    part = np.where(_both_known(one, others), np.float32(MEANING), np.float32(0))  # else the words say it all
    looks = (1 - part) * shared_words(one, others) + part * directions
    columns = np.array([bool(one.column) and one.column == other.column for other in others])
    return np.where(columns, np.float32(0), looks * fading(one, others)).astype(np.float32)


def shared_words(one: Reading, others: Sequence[Reading]) -> Floats:
    """The cosine of the weights of the stems, for each of *others*."""
    keys = np.concatenate([other.keys for other in others])
    places = np.searchsorted(one.keys, keys)
    places[places == len(one.keys)] = 0
    products = np.concatenate([other.values for other in others]) * one.values[places]
    products[one.keys[places] != keys] = 0
    return np.add.reduceat(products, _starts(others)).astype(np.float32)


def closer_look(one: Reading, others: Sequence[Reading], table: Table) -> Floats:
    """How well each article's words are met in the other, by weight: the harmonic mean of both directions, 0 to 1."""
    starts = _starts(others)
    near = table.units[one.rows] @ table.units[np.concatenate([other.rows for other in others])].T
    near[near < NEAREST] = 0
    there: Floats = one.shares @ np.maximum.reduceat(near, starts, axis=1)
    back: Floats = np.add.reduceat(near.max(0) * np.concatenate([other.shares for other in others]), starts)
    return np.asarray(2 * there * back / np.maximum(there + back, 1e-6), np.float32)


def judgement(one: Reading, others: Sequence[Reading], found: Floats) -> Floats:
    """What a model that has read both adds to the doubtful scores *found*; 0 where it was not asked."""
    asked = np.array([bool(one.sense.size and other.sense.size) for other in others], bool)
    if not asked.any():
        return np.zeros(len(others), np.float32)
    heard = (alike(one.sense, [other.sense for other in others]) - SENSE_FROM) * fading(one, others)
    return np.where(asked, SENSE * (heard - found), np.float32(0)).astype(np.float32)


def _both_known(one: Reading, others: Sequence[Reading]) -> NDArray[np.bool_]:
    return np.array([one.known and other.known for other in others], bool)


def fading(one: Reading, others: Sequence[Reading]) -> Floats:
    """What is left of a score after the days between: 1 for the same moment."""
    days = np.abs(np.array([other.day for other in others]) - one.day)
    return np.exp(-days / MEMORY_DAYS).astype(np.float32)


def _starts(others: Sequence[Reading]) -> NDArray[np.intp]:
    """Where each one's stems begin when all are laid end to end."""
    lengths = [len(other.keys) for other in others]
    return np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.intp)
