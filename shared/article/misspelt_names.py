"""Finds the field that somebody meant by another name, such as `publishDateTime`."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Any, Final

MIN_SIMILARITY: Final = 0.8  # `publishedDateTime` and `published` have 0.69, and are two fields
MAX_NAMES: Final = 100  # of a block, that are compared
MAX_CHARACTERS: Final = 40  # no field has half as many

_NO_LETTERS: Final = re.compile(r"[\W_]+")


def find_misspelt(name: str, fields: Mapping[Any, Any], known_names: Collection[str]) -> str | None:
    """The unknown name among *fields* that most likely means the field *name*, if there is one."""
    given: dict[str, str] = {}
    for other in islice(fields, MAX_NAMES):
        if isinstance(other, str) and len(other) <= MAX_CHARACTERS and other not in known_names:
            given.setdefault(_fold(other), other)
    matches = get_close_matches(_fold(name), given, n=1, cutoff=MIN_SIMILARITY)
    return given[matches[0]] if matches else None


@lru_cache(maxsize=1_000)  # the seeds of a site have the same unknown fields
def find_meant(name: str, known_names: frozenset[str]) -> str | None:
    """The known name that the unknown *name* is most like, if it is like any."""
    if len(name) > MAX_CHARACTERS:
        return None
    known = {_fold(other): other for other in known_names}
    matches = get_close_matches(_fold(name), known, n=1, cutoff=MIN_SIMILARITY)
    return known[matches[0]] if matches else None


def _fold(name: str) -> str:
    """`published_date-time` and `publishedDateTime` are spelt alike."""
    return _NO_LETTERS.sub("", name).lower()
