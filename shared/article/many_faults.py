"""What is done about seeds with so many faults that looking at each would take seconds."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from shared.article.errors import FieldError
from shared.article.front_matter.outline import Outline, Path, format_path
from shared.article.hints import KNOWN_NAMES, MEASURED
from shared.article.model import Article, Image, Provider


def warn_of_many(path: Path, outline: Outline) -> FieldError:
    """A warning for hints of a kind that have too many faults to name each."""
    message = "Expected hints with few faults, found very many. All hints here are left out."
    return FieldError(format_path(path), outline.find_line(path), message)


def shorten_lists(fields: dict[Any, Any], length: int) -> dict[Any, Any]:
    """*fields* with at most so many topics and pictures."""
    shortened = dict(fields)
    for name in ("topics", "images"):
        if isinstance(fields.get(name), list):
            shortened[name] = fields[name][:length]
    provider = fields.get("provider")
    if isinstance(provider, dict):
        shortened["provider"] = shorten_lists(provider, length)
    return shortened


def _without_related(fields: dict[Any, Any]) -> dict[Any, Any]:
    return {name: value for name, value in fields.items() if name != "related"}


def _without_unknown(fields: dict[Any, Any]) -> dict[Any, Any]:
    kept: dict[Any, Any] = _keep(fields, KNOWN_NAMES[Article] - {"featuredContent"})
    if "provider" in kept:
        kept["provider"] = _keep(kept["provider"], KNOWN_NAMES[Provider])
    return kept


def _without_measured(fields: dict[Any, Any]) -> dict[Any, Any]:
    kept = dict(fields)
    images, provider = fields.get("images"), fields.get("provider")
    if isinstance(images, list):
        kept["images"] = [_keep(image, KNOWN_NAMES[Image] - MEASURED) for image in images]
    if isinstance(provider, dict):
        kept["provider"] = _without_measured(provider)
    return kept


def _keep(block: Any, names: frozenset[str]) -> Any:
    """The fields of *block* with these names; *block* itself if it is none."""
    if not isinstance(block, dict):
        return block
    return {name: value for name, value in block.items() if name in names}


HINTS_BY_KIND: Final[Sequence[tuple[Path, Callable[[dict[Any, Any]], dict[Any, Any]]]]] = (
    (("related",), _without_related),
    ((), _without_unknown),
    (("images",), _without_measured),
)
"""Where each kind of hints stands, and what leaves out all of that kind."""
