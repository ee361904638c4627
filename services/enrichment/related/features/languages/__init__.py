"""Languages other than English: which one an article is in, its stems, and how common they are.

A stem of any of them carries its language (`de:haus`), names and numbers too, so that articles in different languages
share none: they are not linked, and never candidates of each other. docs/linking.md says how to add a language.
"""

from typing import Final

from services.enrichment.related.features.languages.declared import addressed, declared
from services.enrichment.related.features.languages.detection import detect
from services.enrichment.related.features.languages.frequency import UNKNOWN_ZIPF, zipf
from services.enrichment.related.features.languages.stemmers import STEMS
from shared.article import Article

ENGLISH: Final = "en"
OTHERS: Final = frozenset(STEMS)

__all__ = ["ENGLISH", "OTHERS", "language_of", "marked_stems", "marked_zipf"]


def language_of(article: Article) -> str:
    """`en`, or the code of one of `OTHERS`: what the seed says, else what its title and excerpt look like.

    What is neither, or said to be a language that we don't know, counts as English.
    """
    said = declared(article)
    if said:
        return said if said in OTHERS else ENGLISH
    return detect(f"{article.title}\n{article.excerpt or ''}", addressed(article))


def marked_stems(text: str, language: str) -> list[str]:
    """The stems of *text* in one of `OTHERS`, in order, each with its language before it: `de:haus`."""
    return [f"{language}:{stem}" for stem in STEMS[language](text)]


def marked_zipf(stem: str) -> float | None:
    """Zipf value of a stem that carries its language; None of one that carries none, so is English."""
    language, mark, bare = stem.partition(":")
    return zipf(language).get(bare, UNKNOWN_ZIPF) if mark else None
