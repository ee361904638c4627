"""Checks a seed as ingest does, without dropping it."""

from dataclasses import dataclass

from shared.article import FieldError, SeedError, read_seed, warn_of_near_names
from shared.views.publishable import check_publishable


@dataclass(frozen=True)
class SeedCheck:
    """What ingest would say of a seed. Without errors it has a title."""

    title: str = ""
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.errors


def check_seed(content: bytes) -> SeedCheck:
    """Only its aliases and the time of its record are not looked at: those are not in the seed."""
    try:
        seed = read_seed(content)
        check_publishable(seed.article, len(content))
    except SeedError as error:
        return SeedCheck(errors=tuple(error.errors))
    return SeedCheck(seed.article.title, warnings=(*seed.warnings, *warn_of_near_names(seed)))
