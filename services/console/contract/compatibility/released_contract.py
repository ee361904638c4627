"""The current contract beside copies that were released: what would break for their readers."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.console.contract.asyncapi import build_asyncapi
from services.console.contract.compatibility.breaks import Break
from services.console.contract.compatibility.schema_comparison import Comparison
from services.console.contract.compatibility.topic_comparison import compare_topics
from services.console.contract.paths import ASYNCAPI, SCHEMAS, name_schema_file
from services.console.contract.schemas import build_schemas
from shared.errors import SettingsError


@dataclass(frozen=True)
class ContractFiles:
    """What is compared of one copy of the contract."""

    name: str
    schemas: Mapping[str, Any]
    """By the names of their files."""
    asyncapi: Mapping[str, Any] | None


@dataclass(frozen=True)
class Finding:
    """One break, and what it breaks: a schema or a topic of a released copy."""

    released: str
    subject: str
    found: Break

    def as_json(self) -> dict[str, str]:
        return {
            "released": self.released,
            "subject": self.subject,
            "path": self.found.path,
            "change": self.found.change,
            "sentence": self.found.sentence,
            "remedy": self.found.remedy,
        }


_GONE: Final = Break(
    "",
    "removed",
    "is gone: readers of this event get no more of it, and old records have no schema",
    "keep it, even if nothing sends it any more",
)


def load_released(folder: Path) -> list[ContractFiles]:
    """Every copy in *folder*: itself if it has schemas, else its subfolders that have.

    Raises SettingsError if there is none.
    """
    holders = [folder] if _has_schemas(folder) else sorted(filter(_has_schemas, folder.glob("*")))
    if not holders:
        raise SettingsError(f"{folder} has no copy of the contract: expected a folder {SCHEMAS}")
    return [load_contract(holder) for holder in holders]


def load_contract(folder: Path) -> ContractFiles:
    """Raises SettingsError if a file is no JSON."""
    inner = folder / SCHEMAS
    files = sorted((inner if inner.is_dir() else folder).glob("*.json"))
    schemas = {file.name: _read_json(file) for file in files if file.name != ASYNCAPI}
    document = folder / ASYNCAPI
    return ContractFiles(folder.name, schemas, _read_json(document) if document.exists() else None)


def build_contract() -> ContractFiles:
    """The contract as the models give it now."""
    schemas: dict[str, Any] = {}
    for kind, schema in build_schemas().items():
        schemas[Path(name_schema_file(kind)).name] = schema
    return ContractFiles("the models", schemas, build_asyncapi())


def find_breaks(released: ContractFiles, current: ContractFiles) -> Iterator[Finding]:
    """What a reader of *released* would notice of *current*. New events and topics are no break."""
    for name, earlier in released.schemas.items():
        later = current.schemas.get(name)
        found = [_GONE] if later is None else Comparison(earlier, later).find_breaks()
        subject = name.removesuffix(".json")
        for broken in found:
            yield Finding(released.name, subject, broken)
    if released.asyncapi is not None and current.asyncapi is not None:
        for subject, broken in compare_topics(released.asyncapi, current.asyncapi):
            yield Finding(released.name, subject, broken)


def _has_schemas(folder: Path) -> bool:
    if (folder / SCHEMAS).is_dir():
        return True
    return any(file.name != ASYNCAPI for file in folder.glob("*.json"))


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text())
    except (ValueError, OSError) as error:
        raise SettingsError(f"{file} is no JSON: {error}") from error
