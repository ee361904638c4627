"""Which language a text is in: English unless another is clear, since an article taken for another loses its links."""

import re
from functools import cache
from typing import Final

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.enrichment.related.features.languages.english import LATIN_OTHERS, is_plainly_english

CLEAR = 0.7  # of 14,726 English titles and snippets none reaches it, of 80 titles in these four languages 79
EXPECTED = 0.3  # enough for the language that the article's address speaks of
ENOUGH = 160  # letters looked at: a title and a sentence; every one costs a microsecond

# Languages in Latin letters that a text may be in, ours among them: Italian is not to be taken for Spanish. Dialects
# are left out, Galician would be taken for itself and not for Portuguese.
_NEIGHBOURS: Final = "en de es fr pt it nl ca ro sv da no nn pl tr id ms cs sk hu fi hr sl lt lv et vi sq af eu tl sw cy ga is mt la"
_HAN: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_KANA_OR_HANGUL: Final = re.compile("[\u3040-\u30ff\uac00-\ud7a3]")


def detect(text: str, expected: str = "") -> str:
    """The ISO 639-1 code of the language of *text*: `en` or one of `OTHERS`. *expected* is believed sooner."""
    text = text[:ENOUGH]
    if expected not in LATIN_OTHERS and is_plainly_english(text):
        return "en"
    return "zh" if _is_chinese(text) else by_letters(text, expected)


def by_letters(text: str, expected: str = "") -> str:
    """The same by runs of letters, for what is not Chinese: 0.1 ms."""
    language, confidence = _identifier().classify(text)
    bar = EXPECTED if language == expected else CLEAR
    return language if language in LATIN_OTHERS and confidence >= bar else "en"


def _is_chinese(text: str) -> bool:
    """Most letters are Chinese characters, and none is Japanese or Korean. A character says as much as two letters."""
    han = len(_HAN.findall(text))
    if not han or _KANA_OR_HANGUL.search(text):
        return False
    return 2 * han > sum(map(str.isalpha, text)) - han


@cache
def _identifier() -> LanguageIdentifier:
    """Loaded once, at the first doubt: 0.5 s and 75 MB."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_NEIGHBOURS.split())
    identifier.nb_ptc = np.ascontiguousarray(
        identifier.nb_ptc
    )  # it reads whole rows, from what lies column by column
    return identifier
