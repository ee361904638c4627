"""Keywords that bound a value, beside those of an earlier schema. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.console.contract.compatibility import breaks
from services.console.contract.compatibility.breaks import Break
from services.console.contract.compatibility.shapes import Alternative

_LARGEST: Final = frozenset(
    ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
)
_SMALLEST: Final = frozenset(
    ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
)
MAP_KEYWORDS: Final = frozenset(("minProperties", "maxProperties"))


def compare_limits(
    old: Alternative,
    new: Alternative,
    path: str,
    names: frozenset[str] | None = None,
) -> Iterator[Break]:
    """Every difference narrows or widens what is accepted."""
    compared = (old.keywords.keys() | new.keywords.keys()) - {"items"}
    for name in sorted(compared if names is None else compared & names):
        before, after = old.keywords.get(name), new.keywords.get(name)
        if before == after:
            continue
        if _is_narrower(name, before, after):
            yield breaks.narrowed(path, f"what {name} {after} excludes")
        else:
            yield breaks.widened(path, f"what {name} {before} excluded")


def drop_contained(forms: Sequence[Alternative]) -> list[Alternative]:
    """*forms* of one type without those that accept nothing which another does not accept."""
    kept: list[Alternative] = []
    for form in forms:
        if not any(_contains(other, form) for other in kept):
            kept = [other for other in kept if not _contains(form, other)]
            kept.append(form)
    return kept


def _contains(outer: Alternative, inner: Alternative) -> bool:
    """Whether *outer* surely accepts all that *inner* does; never sure of objects and arrays."""
    if outer.type in ("object", "array"):
        return False
    for name, bound in outer.keywords.items():
        own = inner.keywords.get(name)
        if own == bound:
            continue
        if own is None or name not in _LARGEST | _SMALLEST or not _is_narrower(name, bound, own):
            return False
    return True


def _is_narrower(name: str, before: Any, after: Any) -> bool:
    if before is None or after is None:
        return before is None
    if name in _LARGEST:
        return bool(after < before)
    if name in _SMALLEST:
        return bool(after > before)
    return True
