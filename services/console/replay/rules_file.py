"""Rules in a file: settings of linking and publishing, one on each line.

TOML, YAML and `.env` files write such a line in different ways; all are understood.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from services.enrichment.related.settings import RelatedSettings
from services.publishing.settings import PublishingSettings
from shared.errors import SettingsError
from shared.settings import Settings

SETTINGS_CLASSES: Final = (RelatedSettings, PublishingSettings)

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*[=:]\s*(.+)")
_QUOTED = re.compile(r"""(["'])(.*)\1\s*(?:#.*)?""")


def _list_rule_names() -> tuple[str, ...]:
    names: set[str] = set()
    for settings_class in SETTINGS_CLASSES:
        names |= settings_class.model_fields.keys() - Settings.model_fields.keys()
    # How often periodic tasks run is no rule: it changes no decision.
    return tuple(sorted(name for name in names if not name.endswith("_seconds")))


RULE_NAMES: Final = _list_rule_names()


def load_rules(path: Path) -> dict[str, str]:
    """The rules of the file, by setting name. Raises SettingsError with the line of each error."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} cannot be read: it is not UTF-8") from error
    return parse_rules(text, str(path))


def parse_rules(text: str, name: str) -> dict[str, str]:
    """The rules in *text*. Error messages call it *name*. Raises SettingsError."""
    rules: dict[str, str] = {}
    lines: dict[str, int] = {}
    errors: list[str] = []
    for number, setting, value in _parse_lines(text):
        error = _check_name(setting, lines)
        if error:
            errors.append(f"{name}, line {number}: {error}")
        else:
            rules[setting], lines[setting] = value, number
    for setting, message in find_invalid(rules).items():
        line = f", line {lines[setting]}" if setting in lines else ""
        errors.append(f"{name}{line}: {setting} {message}")
    if not rules and not errors:
        errors.append(f"{name} has no rules: expected lines such as publish_at = 80")
    if errors:
        raise SettingsError("; ".join(errors))
    return rules


def find_invalid(rules: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with these values, by setting name."""
    messages: dict[str, str] = {}
    for settings_class in SETTINGS_CLASSES:
        known = settings_class.model_fields
        values = {name: value for name, value in rules.items() if name in known}
        try:
            settings_class(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            for fault in error.errors():
                setting = str(fault["loc"][0]) if fault["loc"] else ""
                messages[setting] = fault["msg"]
    return messages


def _parse_lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, setting name and value of each setting.

    A line that is neither empty nor a comment nor a setting is returned as the name.
    """
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", "---")):
            continue
        if match := _LINE.fullmatch(stripped):
            yield number, _normalize_name(match[1]), _parse_value(match[2])
        else:
            yield number, stripped, ""


def _normalize_name(written: str) -> str:
    return written.lower().replace("-", "_").removeprefix("seedwire_")


def _parse_value(written: str) -> str:
    quoted = _QUOTED.fullmatch(written)
    return quoted[2] if quoted else re.sub(r"\s+#.*", "", written).strip()


def _check_name(setting: str, lines: Mapping[str, int]) -> str:
    """Why this is not a rule that may be set here; empty if it is."""
    if setting in lines:
        return f"{setting} was already set in line {lines[setting]}"
    if setting in RULE_NAMES:
        return ""
    error = f"expected a rule such as publish_at = 80, not {setting!r}"
    if suggestions := get_close_matches(setting, RULE_NAMES, 1):
        error += f"; did you mean {suggestions[0]}?"
    return error
