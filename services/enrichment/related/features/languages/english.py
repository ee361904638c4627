"""Whether the words of a text show plainly that it is English.

Most texts are English, and this spares them the slower look at every letter. A stem is evidence for
English by how much more common it is there than in any other language with Latin letters. Texts
that are neither plainly English nor plainly something else are left to `detection.py`.
"""

import re
from functools import cache, lru_cache
from typing import Final

import Stemmer

from services.enrichment.related.features.languages.frequency import COMMON_ZIPF, read_zipf_values
from services.enrichment.related.features.word_vectors import load_stem_table, zipf_from_weight

OTHER_LATIN_LANGUAGES: Final = frozenset({"de", "es", "fr", "pt"})
MIN_TOTAL_EVIDENCE: Final = 3.0  # a thousand times likelier, all words together
# Also twice as likely per word, in either half: an English title within a German one is not enough.
MIN_MEAN_EVIDENCE: Final = 0.3
CACHED_WORDS: Final = 20_000  # some 200 bytes each: 97 of 100 words in news are among them

_NON_ENGLISH_LETTER: Final = re.compile(r"[^\W\d_a-zA-Z]")
_WORD: Final = re.compile("[a-z]+")
_stemmer = Stemmer.Stemmer("english", 0)


def is_plainly_english(text: str) -> bool:
    """Whether all letters of *text* are English and its words point to English from end to end.

    This holds for 80 % of the 14,723 English texts of the study's streams. It holds for none of
    10,756 texts that py3langid took for another language: headlines in that language with up to
    twelve English words before or after them.
    """
    if not text.isascii() and _NON_ENGLISH_LETTER.search(text):
        return False
    evidence = [_evidence_of(word) for word in _WORD.findall(text.lower())]
    if sum(evidence) < MIN_TOTAL_EVIDENCE:
        return False
    middle = len(evidence) // 2
    halves = (evidence[:middle], evidence[middle:])
    return all(sum(half) >= MIN_MEAN_EVIDENCE * len(half) for half in halves)


@lru_cache(CACHED_WORDS)
def _evidence_of(word: str) -> float:
    """The evidence that the stem of *word* gives; 0 if no table has it."""
    return _load_evidence().get(_stemmer.stemWord(word), 0.0)


@cache
def _load_evidence() -> dict[str, float]:
    """For each stem, log10 of how many times more common it is in English than anywhere else.

    Positive values are evidence for English. "Anywhere else" is the language where the stem is most
    common. A stem that a table lacks counts as common as the rarest stems of the table.
    """
    elsewhere: dict[str, float] = {}
    for language in OTHER_LATIN_LANGUAGES:
        for stem, zipf in read_zipf_values(language).items():
            elsewhere[stem] = max(zipf, elsewhere.get(stem, COMMON_ZIPF))
    english: dict[str, float] = {}
    for stem, weight in load_stem_table().weights.items():
        english[stem] = max(COMMON_ZIPF, zipf_from_weight(weight))
    return {
        stem: english.get(stem, COMMON_ZIPF) - elsewhere.get(stem, COMMON_ZIPF)
        for stem in english.keys() | elsewhere
    }
