"""How each language is written: from a text to its stems, in order. English has rules of its own (`words.py`).

Letters are compared in their canonical shape (NFKC: full-width letters, ligatures) and lower case. The stemmer sees
accents, the stem has none: a headline in capitals often lacks them.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

import rjieba
import Stemmer

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
_ELIDED = re.compile(
    r"\b(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)'(?=\w)"
)  # l'état, d'Ivoire, qu'il, lorsqu'elle
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)
_MARK = "Mn"  # Unicode's category of accents that stand by themselves


def _folded(word: str) -> str:
    """Without accents: `é` is `e`, `ß` is `ss`."""
    parts = unicodedata.normalize("NFD", word.translate(_LETTERS))
    return "".join(letter for letter in parts if unicodedata.category(letter) != _MARK)


def plain(text: str) -> str:
    """HTML escapes undone, one apostrophe, lower case, in Unicode's compatible composed form (NFKC)."""
    return unicodedata.normalize("NFKC", html.unescape(text)).translate(_APOSTROPHES).lower()


def _spaced(algorithm: str, elided: re.Pattern[str] | None = None) -> Callable[[str], list[str]]:
    """Stems of a language that puts spaces between words. Hyphens part: Portuguese *pediu-lhe* is two words."""
    stemmer = Stemmer.Stemmer(algorithm)

    def stems(text: str) -> list[str]:
        text = plain(text)
        words = _WORD.findall(elided.sub(" ", text) if elided else text)
        return [_folded(stem) for stem in stemmer.stemWords(words)]

    return stems


def _chinese(text: str) -> list[str]:
    """Its words and the words within them (*trade minister*, *trade*, *minister*): nothing stands between them."""
    return [_folded(word) for word in rjieba.cut_for_search(plain(text)) if _WORD.fullmatch(word)]


STEMS: Final[dict[str, Callable[[str], list[str]]]] = {
    "de": _spaced("german"),  # the stemmer itself takes ä, ae and a for one
    "es": _spaced("spanish"),  # and takes off pronouns: decirlo
    "fr": _spaced("french", _ELIDED),
    "pt": _spaced("portuguese", _ELIDED),  # copo d'água
    "zh": _chinese,
}
"""By ISO 639-1 code: from a text to its stems, in order."""
