"""What pydantic found wrong, as sentences: what was expected, and what was found instead."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from shared.article.errors import FieldError, found
from shared.article.model import NO_URL, URL_FIELDS, Article
from shared.article.outline import Outline, Path, spelled

_EXPECTED = {
    "string_type": "text",
    "string_unicode": "text without half characters (lone surrogates)",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "a block of fields",
    "literal_error": "{expected}",
    "greater_than_equal": "a number from {ge} upwards",
    "less_than_equal": "a number up to {le}",
    "string_too_long": "at most {max_length} characters",
    "invalid_key": "text as the name of a field (put other names in quotes)",
    "seed": "{what}",
}


def field_errors(
    details: Iterable[ErrorDetails], fields: Mapping[Any, Any], outline: Outline
) -> list[FieldError]:
    """One `FieldError` for each of *details*, and one if *fields* name no address of the article."""
    errors = [_field_error(detail, outline) for detail in details if detail["type"] != "no_url"]
    if not any(fields.get(alias) is not None for alias in url_names()):
        errors.append(FieldError("originalUrl", 1, f"Expected {NO_URL}, found none of them."))
    return errors


def url_names() -> list[str]:
    return [Article.model_fields[name].alias or name for name in URL_FIELDS]


def _field_error(detail: ErrorDetails, outline: Outline) -> FieldError:
    path: Path = detail["loc"]
    if detail["type"] == "invalid_key":
        path = (*path[:-1], str(path[-1]))
    return FieldError(
        spelled(path), outline.line(path), _sentence(detail, is_secret="secured" in path)
    )


def _sentence(detail: ErrorDetails, *, is_secret: bool) -> str:
    if detail["type"] == "missing":
        return "Expected this field, but it is missing."
    expected = _EXPECTED.get(detail["type"], "another value").format(**detail.get("ctx", {}))
    if detail["type"] == "seed" and isinstance(detail["input"], list | dict):
        return f"Expected {expected}."  # something inside is wrong, and it may be a secret
    value = "something else" if is_secret else found(detail["input"])
    return f"Expected {expected}, found {value}."
