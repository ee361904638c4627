"""The words of a title, and what each of them is: a name, a date, a number, or any other word.

Two titles of one form (*Torvald Motors Q3 profit beats estimates*, *Belgrave Foods Q3 profit beats
estimates*) differ in a word that says whether they can be about one event: see
`neighbours/title_comparison.py`.
"""

import html
import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from services.enrichment.related.features.languages import ENGLISH
from services.enrichment.related.features.stemming import stem_text, stem_weight
from services.enrichment.related.features.word_vectors import MAX_WEIGHT
from shared.store import TitleWord, TitleWordKind

_WORD: Final = re.compile(r"[^\W_]+(?:[.,'’&+#/-]+[^\W_]+)*[+#]?")
_NUMBER: Final = re.compile(r"[$€£]?\d[\d.,]*(?:st|nd|rd|th|k|m|bn|tn|%|x)?")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DAYS_AND_MONTHS: Final = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thurs",
        "fri",
        "sat",
        "sun",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
_TIMES: Final = frozenset(
    [
        "morning",
        "afternoon",
        "evening",
        "night",
        "noon",
        "midday",
        "weekend",
        "today",
        "tonight",
        "tomorrow",
        "yesterday",
        "spring",
        "summer",
        "autumn",
        "winter",
    ]
)
_CALENDAR: Final = _DAYS_AND_MONTHS | _TIMES
# A number after one of these counts issues or time: *week 12*, *episode 7*.
_ISSUES: Final = frozenset(
    [
        "week",
        "day",
        "episode",
        "ep",
        "issue",
        "part",
        "volume",
        "vol",
        "edition",
        "chapter",
        "round",
        "no",
        "number",
        "season",
    ]
)
# A word in title case counts as a name if it is at least so rare: 0 to 10, by `stem_weight`.
RARE_WEIGHT: Final = 7.0
# From this share of capitalised words on, a title is in title case, and capitals say nothing.
CAPITALISED_NOUNS: Final = frozenset({"de"})  # languages in which every noun has a capital
_TITLE_CASE_SHARE: Final = 0.7
_LONG_WORD: Final = 3  # letters; shorter words stay lower case in title case


class ComparedTitle(NamedTuple):
    """A title as it is compared: its words, and their weights from 0 to 1.

    `stems` are all stems of the article, title and excerpt.
    """

    words: Sequence[TitleWord]
    texts: frozenset[str]
    weights: Sequence[float]
    stems: Collection[str]

    def lacks(self, word: TitleWord) -> bool:
        """Whether the article has the word nowhere."""
        return any(stem not in self.stems for stem in word.stems)


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
    texts = frozenset(word.text for word in words)
    weights = [weigh_word(word.stems) / MAX_WEIGHT for word in words]
    return ComparedTitle(words, texts, weights, stems)


def weigh_word(stems: Sequence[str]) -> float:
    """How rare a word is, by its rarest stem: 0 to 10."""
    return max(map(stem_weight, stems), default=0.0)


def _is_in_title_case(words: Sequence[str]) -> bool:
    long_words = [word for word in words if word[0].isalpha() and len(word) > _LONG_WORD]
    capitalised = sum(word[0].isupper() for word in long_words)
    return capitalised >= _TITLE_CASE_SHARE * max(1, len(long_words))


def _classify(form: str, text: str, before: str) -> TitleWordKind:
    """Classify a word as it is written, given its lower-case *text* and the word *before* it."""
    if text in _CALENDAR and (form[0].isupper() or text in _TIMES):
        return "date"
    if not _NUMBER.fullmatch(text):
        return "word"
    counts_time = _YEAR.fullmatch(text) or before in _ISSUES or before in _CALENDAR
    return "date" if counts_time else "number"
