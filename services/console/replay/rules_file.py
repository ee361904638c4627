"""Rules in a file: settings of linking and publishing by name, one a line, as TOML, YAML or an `.env` file has them."""

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

KINDS: Final = (RelatedSettings, PublishingSettings)
# How often chores run is no rule: it changes nothing of what is decided.
NAMES: Final = tuple(
    sorted(
        name
        for kind in KINDS
        for name in kind.model_fields.keys() - Settings.model_fields.keys()
        if not name.endswith("_seconds")
    )
)

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*[=:]\s*(.+)")
_QUOTED = re.compile(r"""(["'])(.*)\1\s*(?:#.*)?""")


def rules_in(path: Path) -> dict[str, str]:
    """The rules of the file, by the names of their settings. Raises SettingsError: each fault with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} cannot be read: it is not UTF-8") from error
    return parsed(text, str(path))


def parsed(text: str, name: str) -> dict[str, str]:
    """The rules in *text*, which people know by *name*."""
    rules: dict[str, str] = {}
    lines: dict[str, int] = {}
    faults: list[str] = []
    for number, setting, value in _settings(text):
        fault = _fault(setting, lines)
        if fault:
            faults.append(f"{name}, line {number}: {fault}")
        else:
            rules[setting], lines[setting] = value, number
    faults += [
        f"{name}{_place(lines.get(setting))}: {setting} {why}"
        for setting, why in invalid(rules).items()
    ]
    if not rules and not faults:
        faults = [f"{name} has no rules: expected lines such as publish_at = 80"]
    if faults:
        raise SettingsError("; ".join(faults))
    return rules


def invalid(rules: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with these values, by the names of their settings."""
    found: dict[str, str] = {}
    for kind in KINDS:
        try:
            kind(**{name: value for name, value in rules.items() if name in kind.model_fields})  # type: ignore[arg-type]
        except ValidationError as error:
            found |= {
                str(fault["loc"][0]) if fault["loc"] else "": fault["msg"]
                for fault in error.errors()
            }
    return found


def _place(line: int | None) -> str:
    return f", line {line}" if line else ""


def _settings(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and value; a line that is neither empty, a comment nor a setting gives itself as the name."""
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", "---")):
            continue
        match = _LINE.fullmatch(stripped)
        yield (number, _name(match[1]), _value(match[2])) if match else (number, stripped, "")


def _name(written: str) -> str:
    return written.lower().replace("-", "_").removeprefix("seedwire_")


def _value(written: str) -> str:
    quoted = _QUOTED.fullmatch(written)
    return quoted[2] if quoted else re.sub(r"\s+#.*", "", written).strip()


def _fault(setting: str, lines: Mapping[str, int]) -> str:
    if setting in lines:
        return f"{setting} was given in line {lines[setting]} already"
    if setting in NAMES:
        return ""
    near = get_close_matches(setting, NAMES, 1)
    return f"expected a rule such as publish_at = 80, not {setting!r}" + (
        f"; did you mean {near[0]}?" if near else ""
    )
