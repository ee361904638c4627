"""How two titles differ: in a name, in a date, or only in their wording.

*Torvald Motors Q3 profit beats estimates* and *Belgrave Foods Q3 profit beats estimates* have one
form with another name in it; *Weather forecast for Tuesday* and *for Wednesday* one form with
another day. *3 dead as ferry capsizes* and *5 dead as ferry capsizes* differ in a number that
grows, which says nothing against one event.
"""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, NamedTuple

from services.enrichment.related.features.titles.calendar_words import PERIODS
from services.enrichment.related.features.titles.title_words import ComparedTitle
from services.enrichment.related.neighbours.word_alignment import (
    Block,
    find_blocks,
    find_replaced,
)
from shared.store import TitleWord

MIN_FORM: Final = 0.4  # titles that share fewer of their words have no form in common
SAME_FORM: Final = 0.9  # titles that share so many say the same
SAME_SPELLING: Final = 0.8  # wordings that share so many letters are spellings of one
MAX_CONTRADICTION: Final = 3.0


class TitleDifference(NamedTuple):
    """What speaks against two titles being about one event.

    `name` (0 to 1): in titles of one form, a name stands where the other has another one. `date`
    (0 or 1): the same for days, months, years and numbers of issues, or the same title a period
    later. `contradiction` (0 to 3): how much the names of each title weigh that the other article
    lacks, the lesser of both.
    """

    name: float = 0.0
    date: float = 0.0
    contradiction: float = 0.0


NO_DIFFERENCE: Final = TitleDifference()


def compare_titles(a: ComparedTitle, b: ComparedTitle, days: float) -> TitleDifference:
    """Compare the titles of two articles that were published so many *days* apart. Symmetric."""
    if not _can_differ(a, b):
        return NO_DIFFERENCE
    unmatched = min(_sum_unmatched_names(a, b), _sum_unmatched_names(b, a))
    contradiction = min(MAX_CONTRADICTION, unmatched)
    shared = len(a.places.keys() & b.places.keys())
    if not shared or shared < MIN_FORM * min(len(a.words), len(b.words)):
        return TitleDifference(contradiction=contradiction)
    first, second = (a, b) if a.texts <= b.texts else (b, a)
    blocks = find_blocks(first.texts, second.places, len(second.texts))
    common = sum(block.size for block in blocks)
    form = 2 * common / (len(first.texts) + len(second.texts))
    if form < MIN_FORM:
        return TitleDifference(contradiction=contradiction)
    name, date = _compare_replaced(first, second, blocks)
    if form >= SAME_FORM and _is_a_period_later(first, days):
        date = 1.0
    return TitleDifference(min(1.0, name), date, contradiction)


def _can_differ(a: ComparedTitle, b: ComparedTitle) -> bool:
    """Whether a name or a date may differ: most titles of one event have no such word.

    Names that differ are telling words, so where this is false nothing contradicts either.
    """
    if (a.dates and b.dates) or a.periods or b.periods:
        return True
    return a.lacks_telling_word_of(b) and b.lacks_telling_word_of(a)


def list_unmatched_names(own: ComparedTitle, other: ComparedTitle) -> list[str]:
    """The names in the title of *own* that the other article has nowhere."""
    return [word.text for word in own.words if word.kind == "name" and other.lacks(word)]


def list_shared_names(a: ComparedTitle, b: ComparedTitle) -> list[str]:
    """The names in either title that the other article has too."""
    shared: dict[str, None] = {}
    for own, other in ((a, b), (b, a)):
        for word in own.words:
            if word.kind == "name" and not other.lacks(word):
                shared[word.text] = None
    return [*shared]


def _sum_unmatched_names(own: ComparedTitle, other: ComparedTitle) -> float:
    total = 0.0
    has_all = other.stems.issuperset  # as `lacks`, without a call for each word
    for word, weight in own.names:
        if not has_all(word.stems):
            total += weight
    return total


def _compare_replaced(
    first: ComparedTitle, second: ComparedTitle, blocks: Sequence[Block]
) -> tuple[float, float]:
    """How much of a name and of a date is replaced by another, over all places that differ.

    The titles share *blocks* of words.
    """
    name = date = 0.0
    have_dates = first.dates and second.dates
    for old, new in find_replaced(blocks, len(first.texts), len(second.texts)):
        heaviest = _heaviest_unmatched(first, old, second)
        if heaviest:
            heaviest = min(heaviest, _heaviest_unmatched(second, new, first))
        if heaviest and not _is_respelled(first.words[old], second.words[new]):
            name += heaviest
        if have_dates and _has_date(first.words[old]) and _has_date(second.words[new]):
            date = 1.0
    return name, date


def _heaviest_unmatched(own: ComparedTitle, place: slice, other: ComparedTitle) -> float:
    """The weight of the heaviest word at *place* that is or may be a name.

    Only of those that the other article lacks.
    """
    heaviest = 0.0
    for word, weight in zip(own.words[place], own.telling[place], strict=True):
        if weight > heaviest and other.lacks(word):
            heaviest = weight
    return heaviest


def _is_respelled(old: Sequence[TitleWord], new: Sequence[TitleWord]) -> bool:
    """Whether both are one wording, spelled or inflected in two ways: *mosiac* and *mosaic*."""
    if any(word.kind in ("number", "date") for word in (*old, *new)):
        return False
    return _has_same_spelling(_join_words(old), _join_words(new))


def _join_words(words: Sequence[TitleWord]) -> str:
    return " ".join(word.text for word in words)


@lru_cache(maxsize=8192)  # in a large story the same words replace each other in many pairs
def _has_same_spelling(old: str, new: str) -> bool:
    length = len(old) + len(new)
    # The first two are upper bounds of the ratio, and settle most.
    if 2.0 * min(len(old), len(new)) / length < SAME_SPELLING:
        return False
    if 2.0 * (Counter(old) & Counter(new)).total() / length < SAME_SPELLING:
        return False
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= SAME_SPELLING


def _has_date(words: Sequence[TitleWord]) -> bool:
    return any(word.kind == "date" for word in words)


def _is_a_period_later(title: ComparedTitle, days: float) -> bool:
    return any(days >= PERIODS.get(word.text, days + 1) for word in title.words)
