"""Warns of an unknown field of a seed whose name is nearly that of a field it does not have."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from shared.article.errors import FieldError, limit_errors
from shared.article.front_matter.outline import Outline, format_path
from shared.article.misspelt_names import MAX_NAMES, find_meant
from shared.article.model import Article
from shared.article.seed_file import ParsedSeed

_NAMES: Final = {name: info.alias or name for name, info in Article.model_fields.items()}
_KNOWN: Final = frozenset(_NAMES.values())
_NEVER_MEANT: Final = frozenset({"heat", "published", "related", "body"})
"""Seedwire derives these, so a seed loses nothing without them, and `created`, `publisher` and
`publishedAt`, which are like them, are fields that others have. The body is no field."""


def warn_of_near_names(seed: ParsedSeed) -> tuple[FieldError, ...]:
    """A warning for each unknown field that most likely means a field which the seed lacks."""
    meant = dict(_find_meant(seed.article))
    if not meant:
        return ()
    outline = Outline(seed.front_matter)
    warnings: list[FieldError] = []
    for written, name in meant.items():
        message = (
            f"Expected a field of a seed, found `{written}`. Did you mean `{name}`? "
            "It is kept, and means nothing to Seedwire."
        )
        line = outline.find_line((written,))
        warnings.append(FieldError(format_path((written,)), line, message))
    return limit_errors(warnings, "warnings")


def _find_meant(article: Article) -> Iterator[tuple[str, str]]:
    """The unknown names that are like a field which is absent, each with that field's name."""
    present = {_NAMES[name] for name in article.model_fields_set if name in _NAMES}
    for written in islice(article.model_extra or (), MAX_NAMES):
        name = find_meant(written, _KNOWN)
        if name and name not in present and name not in _NEVER_MEANT:
            yield written, name
