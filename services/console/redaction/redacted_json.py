"""Hides the values of `secured` in JSON values."""

import json
from typing import Any

from services.console.redaction.finding.span import describe_hidden
from services.console.redaction.redacted_seed import hide_secured


def hide_secured_values(value: Any) -> Any:
    """*value* with a placeholder for each value of a field `secured`, however deep inside.

    Values as `json.loads` returns them, so at most as deep as Python recurses there.
    """
    match value:
        case dict():
            return {name: _hide_field(name, inner) for name, inner in value.items()}
        case list():
            return [hide_secured_values(item) for item in value]
        case str() if value.lstrip().startswith("---"):  # a whole seed
            return hide_secured(value)
        case _:
            return value


def _hide_field(name: str, value: Any) -> Any:
    if name.casefold() != "secured" or value is None:
        return hide_secured_values(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return describe_hidden(len(text.encode(errors="surrogatepass")))
