"""Keys, headers and values of Kafka records as JSON values, without the values of `secured`."""

import json
from collections.abc import Iterable
from typing import Any

from services.console.redaction import decode_seed, hide_secured, hide_secured_values


def decode_text(value: bytes | None) -> str | None:
    """The bytes as text; those that are not UTF-8 are replaced."""
    return None if value is None else value.decode(errors="replace")


def decode_headers(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str | None]:
    """The headers by name. Of several with one name, the last."""
    decoded: dict[str, Any] = {}
    for name, value in headers:
        text = decode_text(value)
        decoded[name] = hide_secured(text) if text else text
    hidden: dict[str, str | None] = hide_secured_values(decoded)
    return hidden


def decode_seed_text(value: bytes | None) -> str | None:
    """The text of a seed with a placeholder for each value of `secured`."""
    return None if value is None else hide_secured(decode_seed(value))


def decode_json_or_text(value: bytes | None) -> Any:
    """A JSON value as it is, other bytes as text; placeholders stand for values of `secured`."""
    if not value:
        return decode_text(value) or None
    try:
        parsed = json.loads(value, parse_constant=_refuse_number, parse_float=_parse_finite)
        return hide_secured_values(parsed)
    except (ValueError, RecursionError):  # no JSON, or nested too deeply
        return decode_seed_text(value)


def _parse_finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        _refuse_number(digits)
    return number


def _refuse_number(digits: str) -> None:
    """JSON has no infinite numbers, so they could not be written as JSON again."""
    raise ValueError(f"not a JSON number: {digits}")
