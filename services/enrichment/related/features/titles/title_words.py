"""The words of a title, and what each of them is: a name, a date, a number, or any other word.

Two titles of one form (*Torvald Motors Q3 profit beats estimates*, *Belgrave Foods Q3 profit beats
estimates*) differ in a word that says whether they can be about one event: see
`neighbours/title_comparison.py`.
"""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from services.enrichment.related.features.languages import ENGLISH
from services.enrichment.related.features.stemming import stem_text, stem_weight
from services.enrichment.related.features.titles.calendar_words import (
    CALENDAR,
    ISSUES,
    PERIODS,
    TIMES,
)
from services.enrichment.related.features.word_vectors import MAX_WEIGHT
from shared.store import TitleWord, TitleWordKind

_WORD: Final = re.compile(r"[^\W_]+(?:[.,'’&+#/-]+[^\W_]+)*[+#]?")
_NUMBER: Final = re.compile(r"[$€£]?\d[\d.,]*(?:st|nd|rd|th|k|m|bn|tn|%|x)?")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
# A word in title case counts as a name if it is at least so rare: 0 to 10, by `stem_weight`.
RARE_WEIGHT: Final = 7.0
CAPITALISED_NOUNS: Final = frozenset({"de"})  # languages in which every noun has a capital
# Prefixes of stems of languages in which nothing marks a name (German, Chinese): there any rare
# word may be one.
UNMARKED_PREFIXES: Final = ("de:", "zh:")
# From this share of capitalised words on, a title is in title case, and capitals say nothing.
_TITLE_CASE_SHARE: Final = 0.7
_LONG_WORD: Final = 3  # letters; shorter words stay lower case in title case


class ComparedTitle(NamedTuple):
    """A title as it is compared: its words, their texts in order, and where each text is.

    `names` has its names with their weights (0 to 1), `telling` for each word its weight if it is a
    name or may be one, else 0. `telling_stems` are the stems of these, `dates` those of its dates.
    `periods` says whether it has a word such as *week* or *daily*. `stems` are all stems of the
    article, title and excerpt.
    """

    words: Sequence[TitleWord]
    texts: tuple[str, ...]
    places: Mapping[str, Sequence[int]]
    names: Sequence[tuple[TitleWord, float]]
    telling: Sequence[float]
    telling_stems: frozenset[str]
    dates: frozenset[str]
    periods: bool
    stems: frozenset[str]

    def lacks_telling_word_of(self, other: "ComparedTitle") -> bool:
        """Whether the article lacks a word of the *other* title that is or may be a name."""
        return not self.stems.issuperset(other.telling_stems)

    def lacks(self, word: TitleWord) -> bool:
        """Whether the article has the word nowhere."""
        return not self.stems.issuperset(word.stems)


def parse_title(title: str, language: str = ENGLISH) -> tuple[TitleWord, ...]:
    """The words of *title*, in order.

    A word is a name if it has a capital inside a title that is not in title case, or a capital
    inside itself, or a capital and is rare. German writes every noun with a capital, so no word of
    German is known to be a name.
    """
    written = _WORD.findall(html.unescape(title))
    is_telling = language not in CAPITALISED_NOUNS
    capitals_tell = is_telling and not _is_in_title_case(written)
    words: list[TitleWord] = []
    before = ""
    for place, form in enumerate(written):
        text = form.lower().replace("’", "'").removesuffix("'s")
        stems = tuple(stem_text(text, language))
        kind = _classify(form, text, before)
        if kind == "word" and is_telling and form[0].isupper():
            has_inner_capital = form[1:] != form[1:].lower()
            is_clear = has_inner_capital or (capitals_tell and place > 0)
            if is_clear or weigh_word(stems) >= RARE_WEIGHT:
                kind = "name"
        words.append(TitleWord(text, kind, stems))
        before = text
    return tuple(words)


def prepare_title(words: Sequence[TitleWord], stems: Collection[str]) -> ComparedTitle:
    """*stems* are all of the article's."""
    places: dict[str, list[int]] = {}
    names: list[tuple[TitleWord, float]] = []
    telling: list[float] = []
    telling_stems: set[str] = set()
    for place, word in enumerate(words):
        places.setdefault(word.text, []).append(place)
        weight = weigh_word(word.stems)
        is_telling = word.kind == "name" or (weight >= RARE_WEIGHT and _may_be_name(word))
        telling.append(weight / MAX_WEIGHT if is_telling else 0.0)
        if telling[-1]:
            telling_stems.update(word.stems)
        if word.kind == "name":
            names.append((word, weight / MAX_WEIGHT))
    texts = tuple(word.text for word in words)
    dates = frozenset(stem for word in words if word.kind == "date" for stem in word.stems)
    has_periods = not PERIODS.keys().isdisjoint(places)
    return ComparedTitle(
        words,
        texts,
        places,
        names,
        telling,
        frozenset(telling_stems),
        dates,
        has_periods,
        frozenset(stems),
    )


def weigh_word(stems: Sequence[str]) -> float:
    """How rare a word is, by its rarest stem: 0 to 10."""
    return max(map(stem_weight, stems), default=0.0)


def _may_be_name(word: TitleWord) -> bool:
    """Whether the word may be a name that nothing marks as one."""
    return word.kind == "word" and any(stem.startswith(UNMARKED_PREFIXES) for stem in word.stems)


def _is_in_title_case(words: Sequence[str]) -> bool:
    long_words = [word for word in words if word[0].isalpha() and len(word) > _LONG_WORD]
    capitalised = sum(word[0].isupper() for word in long_words)
    return capitalised >= _TITLE_CASE_SHARE * max(1, len(long_words))


def _classify(form: str, text: str, before: str) -> TitleWordKind:
    """Classify a word as it is written, given its lower-case *text* and the word *before* it."""
    if text in CALENDAR and (form[0].isupper() or text in TIMES):
        return "date"
    if not _NUMBER.fullmatch(text):
        return "word"
    counts_time = _YEAR.fullmatch(text) or before in ISSUES or before in CALENDAR
    return "date" if counts_time else "number"
