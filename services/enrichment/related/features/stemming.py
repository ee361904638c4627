"""Words as linking sees them: stems, and how much each stem says about a text.

The weight of a stem is static. It follows from how common the stem is in its language at large, not
in the current news: a stem that one big story makes common this week must not lose weight for it.
The sources are the table in `word_vectors/` for English and those in `languages/` for the others.
"""

from collections.abc import Sequence

import Stemmer

from services.enrichment.related.features.languages import (
    ENGLISH,
    stem_with_language,
    zipf_with_language,
)
from services.enrichment.related.features.spelling import split_words
from services.enrichment.related.features.word_vectors import (
    MAX_WEIGHT,
    StemTable,
    load_stem_table,
    weight_from_zipf,
)

_stemmer = Stemmer.Stemmer("english", 0)  # without its cache of 10,000 words: stemming is faster


def stem_text(text: str, language: str = ENGLISH) -> list[str]:
    """The stems of *text*, in order, in lower case and without accents.

    English is folded to ASCII. Stems of other languages carry the language as a prefix. There are
    no stop words: their weight is near zero anyway.
    """
    if language != ENGLISH:
        return stem_with_language(text, language)
    return stem_words(split_words(text))


def stem_words(english: Sequence[str]) -> list[str]:
    """The stems of *english* words in lower case, one for each."""
    return list(_stemmer.stemWords(english))


def stem_weight(stem: str, table: StemTable | None = None) -> float:
    """How much a shared *stem* says: 0 to 10.

    It is minus the logarithm of the chance that a short text contains the stem anyway. *table*
    replaces the installed table of English stems.
    """
    english = (table or load_stem_table()).weights.get(stem)
    if english is not None:
        return english
    zipf = zipf_with_language(stem)
    return MAX_WEIGHT if zipf is None else weight_from_zipf(zipf)
