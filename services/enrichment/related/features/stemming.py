"""Words as linking sees them: stems, and how much each one says.

The weight of a stem is static, from how common it is in English at large: a stem that is common in this week's news
because of one big story must not lose weight for it. Source: the table in `vectors/`; of languages other than English
those in `languages/`.
"""

from collections.abc import Sequence

import Stemmer

from services.enrichment.related.features.languages import ENGLISH, marked_stems, marked_zipf
from services.enrichment.related.features.spelling import words
from services.enrichment.related.features.word_vectors import HEAVIEST, Table, table, weight_of

_stemmer = Stemmer.Stemmer("english", 0)  # its memory of 10,000 words takes longer than stemming


def stems(text: str, language: str = ENGLISH) -> list[str]:
    """The stems of *text* in order, lower case, without accents. No stop words: their weight is near zero.

    English folds all letters to ASCII. A stem of another language has its code before it.
    """
    if language != ENGLISH:
        return marked_stems(text, language)
    return stem_words(words(text))


def stem_words(english: Sequence[str]) -> list[str]:
    """The stems of *english* words in lower case, one by one."""
    return list(_stemmer.stemWords(english))


def weight(stem: str, known: Table | None = None) -> float:
    """How much a shared *stem* says, 0 to 10: minus the logarithm of its chance to be in a short text anyway.

    *known*: another table of English than the one that comes with the code.
    """
    english = (known or table()).weights.get(stem)
    if english is not None:
        return english
    marked = marked_zipf(stem)
    return HEAVIEST if marked is None else weight_of(marked)
