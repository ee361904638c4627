"""How each language is written: from a text to its stems, in order. English has `spelling.py`.

Texts are compared in Unicode's compatible composed form (NFKC: no full-width letters or ligatures)
and in lower case. The stemmer sees accents, but its stems have none: headlines in capitals often
lack them.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

import Stemmer

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
# l'état, d'Ivoire, qu'il, lorsqu'elle
_ELISION = re.compile(r"\b(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)'(?=\w)")
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)
_COMBINING_MARK = "Mn"  # Unicode's category of accents that are characters of their own


def normalise_text(text: str) -> str:
    """Unescape HTML, unify apostrophes, and convert to lower-case NFKC."""
    composed = unicodedata.normalize("NFKC", html.unescape(text))
    return composed.translate(_APOSTROPHES).lower()


def _strip_accents(word: str) -> str:
    """Replace `é` by `e`, `ß` by `ss`, and so on."""
    letters = unicodedata.normalize("NFD", word.translate(_LETTERS))
    return "".join(letter for letter in letters if unicodedata.category(letter) != _COMBINING_MARK)


def _build_stemmer(
    algorithm: str, elision: re.Pattern[str] | None = None
) -> Callable[[str], list[str]]:
    """Build the stemmer of a language that puts spaces between words.

    Hyphens separate words too: Portuguese *pediu-lhe* is two.
    """
    stemmer = Stemmer.Stemmer(algorithm)

    def stem_text(text: str) -> list[str]:
        text = normalise_text(text)
        if elision:
            text = elision.sub(" ", text)
        return [_strip_accents(stem) for stem in stemmer.stemWords(_WORD.findall(text))]

    return stem_text


def _segment_chinese(text: str) -> list[str]:
    """Split Chinese, which has no spaces, into words and the words within them.

    *Trade minister* gives *trade*, *minister* and *trade minister*.
    """
    import rjieba  # here: its dictionary takes 33 MB, which a feed without Chinese does not need

    segments = rjieba.cut_for_search(normalise_text(text))
    return [_strip_accents(word) for word in segments if _WORD.fullmatch(word)]


STEMMERS: Final[dict[str, Callable[[str], list[str]]]] = {
    "de": _build_stemmer("german"),  # this stemmer itself equates ä, ae and a
    "es": _build_stemmer("spanish"),  # this one also removes pronouns: decirlo
    "fr": _build_stemmer("french", _ELISION),
    "pt": _build_stemmer("portuguese", _ELISION),  # copo d'água
    "zh": _segment_chinese,
}
"""By ISO 639-1 code, a function from a text to its stems, in order."""
