"""Turns pydantic's errors into sentences: what was expected, and what was found instead."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isinf
from typing import Any

from pydantic_core import ErrorDetails

from shared.article.errors import FieldError, describe_value
from shared.article.field_types import is_empty
from shared.article.front_matter.outline import UNNAMED, Outline, Path, format_path
from shared.article.misspelt_names import find_misspelt
from shared.article.model import NO_URL, URL_FIELDS, Article

_EXPECTED = {
    "string_type": "text",
    "string_unicode": "text without lone surrogates (half characters)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a block of fields",
    "literal_error": "{expected}",
    "greater_than_equal": "a number from {ge} upwards",
    "less_than_equal": "a number up to {le}",
    "string_too_long": "at most {max_length} characters",
    "invalid_key": "text as the name of a field",
    "seed": "{what}",
}


_KNOWN_NAMES = {field.alias or name for name, field in Article.model_fields.items()}
_URL_NAMES = [Article.model_fields[name].alias or name for name in URL_FIELDS]


def build_field_errors(
    details: Iterable[ErrorDetails], fields: Mapping[Any, Any], outline: Outline
) -> list[FieldError]:
    """One `FieldError` for each of *details*, and one more if *fields* contain no URL."""
    errors = []
    for detail in details:
        if detail["type"] != "no_url":
            error = build_field_error(detail, outline)
            if detail["type"] == "missing":
                error = replace(error, message=error.message + _suggest(detail["loc"], fields))
            errors.append(error)
    if not _has_url(fields):
        suggestions = [_suggest((name,), fields) for name in _URL_NAMES]
        suggestion = next(filter(None, suggestions), "")
        message = f"Expected {NO_URL}, found none of them.{suggestion}"
        errors.append(FieldError("originalUrl", 1, message))
    return errors


def _suggest(path: Path, fields: Mapping[Any, Any]) -> str:
    """Asks whether another name of the same block was meant; empty if none is like it."""
    *parent, name = path
    block: Any = fields
    for step in parent:
        block = block[step] if _has_step(block, step) else None
    if not isinstance(block, Mapping):
        return ""
    misspelt = find_misspelt(str(name), block, _KNOWN_NAMES if not parent else (str(name),))
    return f" Did you mean `{name}` where you wrote `{misspelt}`?" if misspelt else ""


def _has_step(block: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(block, list) and step < len(block)
    return isinstance(block, Mapping) and step in block


def _has_url(fields: Mapping[Any, Any]) -> bool:
    """Counts a URL that is given but invalid, too: that has an error of its own."""
    return not all(is_empty(fields.get(name)) for name in _URL_NAMES)


def build_field_error(detail: ErrorDetails, outline: Outline) -> FieldError:
    path: Path = detail["loc"]
    if detail["type"] == "invalid_key":
        return _build_name_error(path[:-1], detail["input"], outline)
    sentence = _build_sentence(detail, is_secret="secured" in path)
    return FieldError(format_path(path), outline.find_line(path), sentence)


def _build_name_error(parent: Path, name: object, outline: Outline) -> FieldError:
    """*name* is what the parser made of the name; the outline has it as it is written."""
    written = outline.find_name(parent, name)
    if isinstance(name, tuple | frozenset):
        sentence = "Expected text as the name of a field, found a list or a block."
    else:
        found = "null" if name is None else describe_value(name)
        sentence = f"Expected text as the name of a field, found {found}: put it in quotes."
    path = (*parent, written or UNNAMED)
    shown = parent if written is None else path
    return FieldError(format_path(shown), outline.find_line(path), sentence)


def _build_sentence(detail: ErrorDetails, *, is_secret: bool) -> str:
    if detail["type"] == "missing":
        return "Expected this field, but it is missing."
    expected = _EXPECTED.get(detail["type"], "another value").format(**detail.get("ctx", {}))
    if detail["type"] == "seed" and isinstance(detail["input"], list | dict):
        return f"Expected {expected}."  # something inside is wrong, and it may be a secret
    found = "something else" if is_secret else _describe_found(detail["input"])
    return f"Expected {expected}, found {found}."


def _describe_found(value: object) -> str:
    if isinstance(value, float) and isinf(value):  # as the parser reads 1e400
        return "a number that is too large"
    return describe_value(value)
