"""Which language a text is in.

It is English unless another language is clear: an article taken for another language would lose its
links.
"""

import re
from array import array
from functools import cache
from typing import Final

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.enrichment.related.features.languages.english import (
    OTHER_LATIN_LANGUAGES,
    is_plainly_english,
)
from services.enrichment.related.features.languages.packed_moves import PackedMoves

# Of 14,726 English titles and snippets none reaches this confidence in another language; of 80
# titles in our four Latin languages 79 do.
MIN_CONFIDENCE = 0.7
MIN_EXPECTED_CONFIDENCE = 0.3  # enough for the language that the article's URL names
MAX_LETTERS = 160  # a title and a sentence; every letter costs a microsecond

# Languages with Latin letters that a text may be in, ours among them: without Italian, Italian
# texts would pass for Spanish. Dialects are left out: Galician would keep texts from passing for
# Portuguese.
_CANDIDATES: Final = (
    "en de es fr pt it nl ca ro sv da no nn pl tr id ms cs sk hu fi hr sl lt lv et vi sq af eu tl "
    "sw cy ga is mt la"
)
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL: Final = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")


def detect_language(text: str, expected: str = "") -> str:
    """The ISO 639-1 code of the language of *text*: `en` or one of `OTHER_LANGUAGES`.

    The *expected* language needs less confidence than others.
    """
    text = text[:MAX_LETTERS]
    if expected not in OTHER_LATIN_LANGUAGES and is_plainly_english(text):
        return "en"
    if _is_chinese(text):
        return "zh"
    return identify_by_letters(text, expected)


def identify_by_letters(text: str, expected: str = "") -> str:
    """Identify the language of a text that is not Chinese by its runs of letters. Takes 0.1 ms."""
    language, confidence = _load_identifier().classify(text)
    threshold = MIN_EXPECTED_CONFIDENCE if language == expected else MIN_CONFIDENCE
    if language in OTHER_LATIN_LANGUAGES and confidence >= threshold:
        return str(language)
    return "en"


def _is_chinese(text: str) -> bool:
    """Whether most letters are Chinese characters and none is Japanese or Korean.

    A Chinese character counts as two letters.
    """
    han = len(_HAN.findall(text))
    if not han or _KANA_OR_HANGUL.search(text):
        return False
    other_letters = sum(map(str.isalpha, text)) - han
    return 2 * han > other_letters


@cache
def _load_identifier() -> LanguageIdentifier:
    """Load the identifier when it is first needed: that takes a second and 15 MB."""
    full = LanguageIdentifier.from_model_file(MODEL_FILE)
    full.set_languages(_CANDIDATES.split())
    # Built anew, it does not keep the other languages' 20 MB. It reads whole rows of the matrix,
    # which the file stores by columns.
    matrix = np.ascontiguousarray(full.nb_ptc)
    automaton = PackedMoves(full.tk_nextmove), array("i", full.tk_output)
    return LanguageIdentifier(
        matrix, full.nb_pc, full.nb_classes, *automaton, norm_probs=True, tk_row=full.tk_row
    )
