"""Makes of any value that YAML can express one that JSON can, as far as possible."""

import math
from typing import Any, Final

from shared.article.errors import MAX_INT
from shared.article.field_types import MAX_NAME, SURROGATE


class Nothing:
    """Marks what is left out until lists and blocks are compacted."""


NOTHING: Final = Nothing()


def describe_name(name: object) -> str | None:
    """The name as people write it; None if it is a list or a block."""
    match name:
        case None:
            return "null"
        case bool():
            return str(name).lower()
        case int() if abs(name) < MAX_INT:
            return str(name)
        case float():
            return repr(name)
        case _:
            return None


def repair_value(value: Any, levels: int) -> Any:
    """*value* as JSON can express it, as far as possible; `NOTHING` if it is too deep."""
    match value:
        case list() | dict() if levels == 0:
            return NOTHING
        case list():
            items = [repair_value(item, levels - 1) for item in value]
            return [item for item in items if item is not NOTHING]
        case dict():
            return _repair_block(value, levels)
        case str():
            return SURROGATE.sub("\ufffd", value)
        case float() if not math.isfinite(value):
            return repr(value)
        case int() if abs(value) > MAX_INT:
            return _write_digits(value)
        case _:
            return value


def _write_digits(value: int) -> str | Nothing:
    try:
        return str(value)
    except ValueError:  # Python writes no more than 4,300 digits
        return NOTHING


def _repair_block(block: dict[Any, Any], levels: int) -> dict[str, Any]:
    repaired: dict[str, Any] = {}
    for name, value in block.items():
        text = SURROGATE.sub("\ufffd", name) if isinstance(name, str) else describe_name(name)
        inner = repair_value(value, levels - 1)
        if text is not None and len(text) <= MAX_NAME and inner is not NOTHING:
            repaired.setdefault(text, inner)
    return repaired


def compact(value: Any) -> Any:
    """*value* without what is marked as left out."""
    match value:
        case list():
            return [compact(item) for item in value if item is not NOTHING]
        case dict():
            kept = [(name, item) for name, item in value.items() if item is not NOTHING]
            return {name: compact(item) for name, item in kept}
        case _:
            return value
