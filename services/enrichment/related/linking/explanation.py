"""Why two articles are related or not: the score taken apart with the functions that make it.

The parts add up to the score, and the terms to the part of the words: a test holds them to `score.py` and `support.py`.
All of it is pure; what it needs stands in the store, whether or not the two were ever scored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from services.enrichment.related.features.feature_cache import Readings
from services.enrichment.related.features.stemming import weight
from services.enrichment.related.features.word_vectors import Table
from services.enrichment.related.linking.linker import Reach
from services.enrichment.related.linking.pair_score import (
    BLIND,
    BLIND_FROM,
    CLOSER,
    DOUBT,
    MEANING,
    NEAREST,
    PAIR,
    WORTH_A_LOOK,
    closer_look,
    fading,
    first_look,
    judgement,
    shared_words,
)
from services.enrichment.related.linking.recompute import Bar
from services.enrichment.related.linking.shared_neighbours import supported
from services.enrichment.related.stories.overrides import Orders
from shared.store import Signature, pair

SHOWN: Final = 12  # words that are alike: more explain nothing


@dataclass(frozen=True)
class Term:
    """A stem of both articles: what it says at all (0 to 10), its weight in each (of a vector of length 1), and its
    share of the cosine."""

    term: str
    weight: float
    one: float
    two: float
    share: float


@dataclass(frozen=True)
class Alike:
    """A stem of the one and its nearest in the other; *nearness* is the cosine of where they point to."""

    one: str
    weight: float  # what the stem says at all
    two: str
    nearness: float


@dataclass(frozen=True)
class Parts:
    """What the score is made of: shared words, where all words together point to, and word by word the nearest in the
    other article, all faded with the days between; for words of which it is not known where they point to, what that
    would have added; what a sentence model adds or takes where there is doubt; and what third parties say."""

    words: float = 0.0
    meaning: float = 0.0
    near_words: float = 0.0
    blind: float = 0.0
    sense: float = 0.0
    support: float = 0.0

    @property
    def total(self) -> float:
        """The score, 0 to 1."""
        return min(
            1.0,
            round(
                self.words
                + self.meaning
                + self.near_words
                + self.blind
                + self.sense
                + self.support,
                4,
            ),
        )


@dataclass(frozen=True)
class Case:
    """Two articles as the store knows them; *near* are their near lists.

    *story_size*: how many articles the story has that both stand in; 0 if they stand in none together.
    """

    one: Signature
    two: Signature
    near: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    story_size: int = 0
    orders: Orders = field(default_factory=Orders)


@dataclass(frozen=True)
class Explanation:
    """*related* and *reason* by the rules of now; *found_by* are the terms that bring the two together at all."""

    related: bool
    reason: str
    score: float
    threshold: float
    parts: Parts
    cosine: float
    days_apart: float
    time_factor: float
    terms: tuple[Term, ...]
    alike: tuple[Alike, ...]
    found_by: tuple[str, ...]
    column: bool
    instructed: bool  # by the newsroom: no score counts


def explain(case: Case, table: Table, bar: Bar, reach: Reach) -> Explanation:
    """Take the score of the two apart, and hold it against the thresholds."""
    one, two = case.one, case.two
    readings = Readings(table, sorted((one, two), key=lambda signature: signature.article_id))
    parts = _parts(case, readings, reach)
    threshold = bar.among(case.story_size)
    days = abs((one.published_at - two.published_at).total_seconds()) / 86_400
    found_by = tuple(term for term in one.terms if term in two.terms)
    column = bool(one.column) and one.column == two.column
    related, reason = _verdict(case, parts, threshold, days, found_by, column, reach)
    return Explanation(
        related=related,
        reason=reason,
        score=parts.total,
        threshold=threshold,
        parts=parts,
        cosine=round(float(shared_words(readings, *PAIR)[0]), 4),
        days_apart=round(days, 3),
        time_factor=round(float(fading(readings, *PAIR)[0]), 4),
        terms=_terms(one, two, table),
        alike=_alike(one, two, table),
        found_by=found_by,
        column=column,
        instructed=pair(one.article_id, two.article_id) in case.orders.together | case.orders.apart,
    )


def _parts(case: Case, readings: Readings, reach: Reach) -> Parts:
    look, fade = (float(part(readings, *PAIR)[0]) for part in (first_look, fading))
    if look < WORTH_A_LOOK:
        return Parts()
    share = MEANING if readings.known[:2].all() else 0.0
    words = (1 - CLOSER) * (1 - share) * float(shared_words(readings, *PAIR)[0]) * fade
    meaning = (1 - CLOSER) * share * float(readings.directions[0] @ readings.directions[1]) * fade
    near_words = CLOSER * float(closer_look(readings, *PAIR)[0]) * fade
    own = words + meaning + near_words
    blind = BLIND * (1 - own) if not share and own >= BLIND_FROM else 0.0
    own += blind
    doubtful = DOUBT[0] <= own < DOUBT[1]
    sense = float(judgement(readings, *PAIR, np.array([own], np.float32))[0]) if doubtful else 0.0
    own = round(own + sense, 4)
    # what is not near enough to stand in a near list is never looked at again
    support = _supported(case, own) - own if own >= reach.near else 0.0
    return Parts(words, meaning, near_words, blind, sense, support)


def _supported(case: Case, own: float) -> float:
    """The score with the support of the near lists, as linking has it."""
    ends = (case.one.article_id, case.two.article_id)
    return supported(own, ends, [case.near.get(end, {}) for end in ends])


def _terms(one: Signature, two: Signature, table: Table) -> tuple[Term, ...]:
    shared = one.vector.keys() & two.vector.keys()
    cosine = sum(one.vector[stem] * two.vector[stem] for stem in shared) or 1.0
    terms = []
    for stem in shared:
        a, b = one.vector[stem], two.vector[stem]
        terms.append(Term(stem, weight(stem, table), a, b, a * b / cosine))
    return tuple(sorted(terms, key=lambda term: (-term.share, term.term)))


def _alike(one: Signature, two: Signature, table: Table) -> tuple[Alike, ...]:
    """Stems of the one that the other lacks, but has something like; first what adds most."""
    own, theirs = [stem for stem in one.vector if stem not in two.vector], list(two.vector)
    if not own or not theirs:
        return ()
    near = table.units[table.rows(own)] @ table.units[table.rows(theirs)].T
    best = [
        Alike(stem, weight(stem, table), theirs[row.argmax()], round(float(row.max()), 3))
        for stem, row in zip(own, near, strict=True)
        if row.max() >= NEAREST
    ]
    return tuple(
        sorted(best, key=lambda alike: (-alike.nearness * one.vector[alike.one], alike.one))[:SHOWN]
    )


def _verdict(
    case: Case,
    parts: Parts,
    threshold: float,
    days: float,
    found_by: tuple[str, ...],
    column: bool,
    reach: Reach,
) -> tuple[bool, str]:
    """Whether the two are related, in a sentence: the first reason that decides."""
    key = pair(case.one.article_id, case.two.article_id)
    size = case.story_size
    where = f"for two in one story of {size}" if size else "for two that are not in one story"
    if key in case.orders.together:
        return True, "related: the newsroom pinned them together, whatever their words say"
    if key in case.orders.apart:
        return False, "not related: the newsroom keeps them apart, whatever their words say"
    if column:
        return False, "not related: they are issues of one recurring column"
    if days > reach.window.total_seconds() / 86_400:
        return False, f"not related: published {days:.1f} days apart, more than {reach.window.days}"
    if not found_by and not parts.total:
        return False, "not related: their words have too little in common for a closer look"
    if not found_by:
        return False, "not related: they share none of the terms by which articles are found"
    if parts.total >= threshold:
        return (
            True,
            f"related: {parts.total:.2f} is at or above {threshold:.2f}, as is needed {where}",
        )
    return (
        False,
        f"not related: {parts.total:.2f} is below the {threshold:.2f} that is needed {where}",
    )
