"""Words as linking sees them: stems, and how much each one says.

The weight of a stem is static, from how common it is in English at large: a stem that is common in this week's news
because of one big story must not lose weight for it. Source of frequencies: the package `wordfreq`; of languages other
than English the tables in `languages/`.
"""

import html
import math
import re
from functools import cache

import Stemmer
from unidecode import unidecode
from wordfreq import get_frequency_dict

from services.enrichment.related.languages import ENGLISH, marked_stems, marked_zipf

_WORD = re.compile(r"[a-z0-9]+")
_UNKNOWN_ZIPF = 2.0
_DOCUMENT_WORDS = 12  # a text of about so many words: how likely is the stem to turn up in it by chance
_HEAVIEST = 10.0

_stemmer = Stemmer.Stemmer("english")


def stems(text: str, language: str = ENGLISH) -> list[str]:
    """The stems of *text* in order, lower case, without accents. No stop words: their weight is near zero.

    English folds all letters to ASCII. A stem of another language has its code before it.
    """
    if language != ENGLISH:
        return marked_stems(text, language)
    return list(_stemmer.stemWords(_WORD.findall(unidecode(html.unescape(text)).lower())))


@cache
def weight(stem: str) -> float:
    """How much a shared *stem* says, 0 to 10: minus the logarithm of its chance to be in a short text anyway."""
    marked = marked_zipf(stem)
    share = 10 ** ((_zipf().get(stem, _UNKNOWN_ZIPF) if marked is None else marked) - 9)
    chance = 1 - (1 - share) ** _DOCUMENT_WORDS
    return min(_HEAVIEST, -math.log(chance))


@cache
def _zipf() -> dict[str, float]:
    """Zipf value (log10 of occurrences in a billion words) of each English stem: its words' frequencies together."""
    frequencies: dict[str, float] = {}
    words = {word: share for word, share in get_frequency_dict("en").items() if word.isascii() and word.isalnum()}
    for stem, share in zip(_stemmer.stemWords(list(words)), words.values(), strict=True):
        frequencies[stem] = frequencies.get(stem, 0.0) + share
    return {stem: math.log10(share) + 9 for stem, share in frequencies.items()}
