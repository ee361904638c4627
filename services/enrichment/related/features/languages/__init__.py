"""Languages other than English: how to recognise them, stem them, and look up word frequencies.

Every stem of such a language carries the language's code (`de:haus`), names and numbers included.
So articles in different languages share no stem: they are never candidates of each other and never
linked. docs/linking.md says how to add a language.
"""

from typing import Final

from services.enrichment.related.features.languages.declared_language import (
    declared_language,
    language_in_url,
)
from services.enrichment.related.features.languages.detection import detect_language
from services.enrichment.related.features.languages.frequency import UNKNOWN_ZIPF, load_zipf_values
from services.enrichment.related.features.languages.stemmers import STEMMERS
from shared.article import Article

ENGLISH: Final = "en"
OTHER_LANGUAGES: Final = frozenset(STEMMERS)

__all__ = ["ENGLISH", "OTHER_LANGUAGES", "language_of", "stem_with_language", "zipf_with_language"]


def language_of(article: Article) -> str:
    """`en`, or one of `OTHER_LANGUAGES`: what the seed declares, or else what its text looks like.

    Any other language counts as English.
    """
    declared = declared_language(article)
    if not declared:
        text = f"{article.title}\n{article.excerpt or ''}"
        return detect_language(text, expected=language_in_url(article))
    return declared if declared in OTHER_LANGUAGES else ENGLISH


def stem_with_language(text: str, language: str) -> list[str]:
    """The stems of *text*, in order, each prefixed with its *language*: `de:haus`."""
    return [f"{language}:{stem}" for stem in STEMMERS[language](text)]


def zipf_with_language(prefixed_stem: str) -> float | None:
    """The Zipf value of a stem with a language prefix, or None for one without: it is English."""
    language, separator, stem = prefixed_stem.partition(":")
    if not separator:
        return None
    return load_zipf_values(language).get(stem, UNKNOWN_ZIPF)
