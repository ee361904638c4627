"""Faults in hints: what a seed says that Seedwire derives or measures itself, or does not know.

`heat`, `published` and `related` are derived, the `width`, `height` and `isCached` of a picture are
measured, and unknown fields are only passed on. A fault in one of these refuses no seed. It becomes
a warning, and the faulty value is left out, or kept as text where that loses nothing.
"""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, Final

from pydantic_core import ErrorDetails

from shared.article.error_messages import build_field_error
from shared.article.errors import FieldError
from shared.article.field_types import MAX_DEPTH, is_empty
from shared.article.front_matter.outline import Outline, Path
from shared.article.json_repair import NOTHING, compact, describe_name, repair_value
from shared.article.model import Article, Image, Provider

_DERIVED: Final = frozenset({"heat", "published", "related", "featuredContent"})
MEASURED: Final = frozenset({"width", "height", "isCached"})
_LEFT_OUT: Final = "It is left out."
_KEPT: Final = "It is kept as text."


KNOWN_NAMES: Final = {
    model: frozenset(info.alias or name for name, info in model.model_fields.items())
    for model in (Article, Image, Provider)
}
_ALL_NAMES: Final = frozenset().union(*KNOWN_NAMES.values())


def repair_hints(
    fields: dict[Any, Any], details: Sequence[ErrorDetails], outline: Outline
) -> tuple[dict[Any, Any], list[FieldError]]:
    """*fields* without the faults of hints among *details*, and a warning for each of these.

    Without such a fault, *fields* is returned as it is.
    """
    faults = [detail for detail in details if is_hint(detail)]
    if not faults:
        return fields, []
    repaired = deepcopy(fields)
    warnings: list[FieldError] = []
    for detail in faults:
        remedy = _repair(repaired, detail)
        error = build_field_error(detail, outline)
        warnings.append(FieldError(error.field, error.line, f"{error.message} {remedy}"))
    compacted: dict[Any, Any] = compact(repaired)
    return compacted, warnings


def is_hint(detail: ErrorDetails) -> bool:
    """Whether *detail* is about a hint, or inside of one."""
    path = detail["loc"]
    if not path or detail["type"] == "no_url":
        return False
    first = path[0]
    if detail["type"] == "invalid_key" or not isinstance(first, str) or is_hint_name(first):
        return True
    if first == "images":
        return len(path) > 2 and _is_picture_hint(path[2])
    if first == "provider" and len(path) > 1:
        in_picture = path[1] == "images" and len(path) > 3 and _is_picture_hint(path[3])
        return in_picture or path[1] not in KNOWN_NAMES[Provider]
    return False


def is_hint_name(name: str) -> bool:
    """Whether the field of a seed with that name is a hint as a whole."""
    return name in _DERIVED or name not in KNOWN_NAMES[Article]


def _is_picture_hint(name: str | int) -> bool:
    return name in MEASURED or name not in KNOWN_NAMES[Image]


def restore_places(details: Iterable[ErrorDetails], fields: dict[Any, Any]) -> list[ErrorDetails]:
    """*details* with their places in *fields*: validation does not count empty items of lists."""
    counted: dict[int, list[int]] = {}  # the numbers of the others, by the list they are in
    return [_restore_place(detail, fields, counted) for detail in details]


def _restore_place(
    detail: ErrorDetails, fields: dict[Any, Any], counted: dict[int, list[int]]
) -> ErrorDetails:
    path: list[str | int] = []
    value: Any = fields
    for step in detail["loc"]:
        place = step
        if isinstance(step, int) and isinstance(value, list):
            if id(value) not in counted:
                counted[id(value)] = _number_items(value)
            place = counted[id(value)][step]
        path.append(place)
        value = _look_up(value, place)
    restored = detail.copy()
    restored["loc"] = tuple(path)
    return restored


def _number_items(items: list[Any]) -> list[int]:
    """The numbers of the items that are not empty."""
    return [number for number, item in enumerate(items) if not is_empty(item)]


def _look_up(value: Any, place: str | int) -> Any:
    """What is at this place of a list or block; None if there is nothing."""
    if isinstance(value, list) and isinstance(place, int):
        return value[place]
    return value.get(place) if isinstance(value, dict) else None


def _repair(fields: dict[Any, Any], detail: ErrorDetails) -> str:
    """Repair one fault in place; returns what was done, in words."""
    *parents, last = detail["loc"]
    if detail["type"] == "missing" and parents:
        *parents, last = parents  # a picture without its URL is none
    block = _follow(fields, parents)
    if detail["type"] == "invalid_key":
        return _rename(block, detail["input"])
    if _look_up(block, last) in (None, NOTHING) and detail["type"] != "missing":
        return _LEFT_OUT  # with what contains it
    if detail["type"] == "seed" and _is_unknown_value(detail["loc"]):
        repaired = repair_value(block[last], MAX_DEPTH)
        block[last] = repaired
        return _LEFT_OUT if repaired is NOTHING else "What is wrong is left out or kept as text."
    if parents and isinstance(block, dict) and last == "url":
        return _leave_out(fields, parents)  # so is one whose URL is wrong
    return _leave_out(fields, [*parents, last])


def _leave_out(fields: dict[Any, Any], path: Sequence[str | int]) -> str:
    *parents, last = path
    block = _follow(fields, parents)
    if _look_up(block, last) is not None:
        block[last] = NOTHING
    return _LEFT_OUT


def _follow(fields: Any, path: Sequence[str | int]) -> Any:
    """The list or block at *path*; None or `NOTHING` if it was left out or renamed already."""
    value = fields
    for step in path:
        value = _look_up(value, step)
    return value


def _is_unknown_value(path: Path) -> bool:
    """Whether *path* names a value that may be anything: what is wrong is inside of it."""
    name = path[-1]
    return name == "featuredContent" or name not in _ALL_NAMES


def _rename(block: Any, name: object) -> str:
    """Make the name of a field text, unless the block has a field of that name."""
    if not isinstance(block, dict):
        return _LEFT_OUT  # with what contains it
    value = repair_value(block.pop(name, NOTHING), MAX_DEPTH)
    text = describe_name(name)
    if value is NOTHING or text is None or text in block or text in _ALL_NAMES:
        return "The field is left out."
    block[text] = value
    return _KEPT
